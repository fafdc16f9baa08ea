import { z } from 'zod'
import { conflict } from '../../errors.ts'
import { inLanguage, timeOf } from '../../present/language.ts'
import { findSimilar, type Likeness, type SimilarRow } from '../../views/similar.ts'
import { mcp as texts } from '../texts.ts'
import { tool } from '../tool.ts'

export const similarIncidents = tool({
  name: 'similar_incidents',
  description: 'Earlier incidents with this cause or signal: what was done, and whether it helped.',
  input: z.strictObject({ session_id: z.string(), cursor: z.string().optional() }),
  readOnly: true,
  countsAs: () => 'getSessionStatus',
  async run(inside, { session_id }) {
    // checks the id, and that the session is the tenant's
    const { session_id: id, result } = await inside.run('getSessionStatus', { params: { session_id } })
    if (result === null) throw conflict(texts.running(id))
    const [first] = result.root_causes
    const again = { tool: 'similar_incidents', arguments: { session_id: id } }
    if (first === undefined) return { note: texts.noCause, data: '', again }
    const { service, indicator, change_id } = first
    const one = { service, indicator, changed: change_id !== null }
    const found = await findSimilar(inside.gateway.pool, inside.caller.tenant, id, one)
    const data = found.map((row) => ({
      ...{ session_id: row.session_id, requested_at: timeOf(Number(row.requested_at)), incident_ids: row.incident_ids },
      ...{ alike: alikeIn(one, row), service: row.service, indicator: row.indicator },
      ...{ summary: inLanguage(row.summary, inside.asked.language), actions: row.actions, feedback: row.verdicts },
    }))
    return { note: texts.similar(found.length), data: JSON.stringify(data), again }
  },
})

const alikeIn = (one: Likeness, other: SimilarRow): string[] => [
  ...(one.service === other.service ? ['service'] : []),
  ...(one.indicator !== null && one.indicator === other.indicator ? ['indicator'] : []),
  ...(one.changed === other.changed ? [one.changed ? 'a change caused it' : 'no change caused it'] : []),
]
