import { z } from 'zod'
import { listEvidence } from '../../views/evidence.ts'
import { mcp as texts } from '../texts.ts'
import { tool } from '../tool.ts'

export const readEvidence = tool({
  name: 'read_evidence',
  description: 'What a diagnosis rests on: all queries with their summaries or, by evidence_id, one answer in full.',
  input: z.strictObject({
    session_id: z.string(),
    evidence_id: z.string().optional(),
    cursor: z.string().optional(),
  }),
  readOnly: true,
  countsAs: () => 'getEvidence',
  async run(inside, { session_id, evidence_id }) {
    const again = { tool: 'read_evidence', arguments: { session_id, evidence_id } }
    if (evidence_id !== undefined) {
      const one = await inside.run('getEvidence', { params: { session_id, evidence_id } })
      return { note: texts.oneEvidence, data: JSON.stringify(one), again }
    }
    // checks the id, and that the session is the tenant's
    const found = await inside.run('getSessionStatus', { params: { session_id } })
    const all = await listEvidence(inside.gateway.pool, inside.caller.tenant, found.session_id)
    return { note: texts.evidence(all.length), data: JSON.stringify(all), again }
  },
})
