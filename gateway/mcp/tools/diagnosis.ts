import { z } from 'zod'
import { ApiError } from '../../errors.ts'
import { instantOf } from '../../instant.ts'
import { timeOf } from '../../present/language.ts'
import { refusals } from '../../present/texts.ts'
import { resultOf } from '../../routes/capacity.ts'
import type { Inside } from '../operations.ts'
import { mcp as texts } from '../texts.ts'
import { tool, type Whole } from '../tool.ts'
import { isKey } from './key.ts'

const names = z.array(z.string()).optional()

export const diagnose = tool({
  name: 'diagnose',
  description:
    'Find the root cause of an incident, with evidence and proposed actions. Waits 20 s, then get_diagnosis.',
  input: z.strictObject({
    services: names,
    alert_ids: names,
    incident_ids: names,
    deployment_id: z.string().optional(),
    namespace: z.string().optional(),
    severity: z.enum(['P0', 'P1', 'P2', 'P3']).optional(),
    minutes: z.number().optional().describe('look back'),
    end: z.string().optional().describe('RFC 3339'),
    key: z.string().refine(isKey).optional().describe('idempotency'),
  }),
  readOnly: false,
  countsAs: () => 'diagnoseAlerts',
  async run(inside, { key, ...asked }) {
    const { services, minutes, end, namespace, deployment_id, ...named } = asked
    if ([services, named.alert_ids, named.incident_ids].every((one) => one === undefined))
      throw new ApiError('VALIDATION_ERROR', texts.subject)
    const { session_id: session } = await inside.run('diagnoseAlerts', {
      body: {
        ...defined({ ...named, affected_services: services, time_range: rangeOf(inside, minutes, end) }),
        context: defined({ namespace, deployment_id }),
      },
      // the range is another at each call: what the caller said is not
      ...(key === undefined ? {} : { once: { key, said: asked } }),
    })
    return diagnosisOf(inside, session)
  },
})

export const getDiagnosis = tool({
  name: 'get_diagnosis',
  description: 'State and result of a diagnosis; waits 20 s for a running one.',
  input: z.strictObject({ session_id: z.string(), cursor: z.string().optional() }),
  readOnly: true,
  countsAs: () => 'getSessionStatus',
  run: (inside, { session_id }) => diagnosisOf(inside, session_id),
})

/** Waits for the result as a capacity request does. */
async function diagnosisOf(inside: Inside, session: string): Promise<Whole> {
  const ask = () => inside.run('getSessionStatus', { params: { session_id: session } })
  let found = await ask()
  if (found.result === null && found.status === 'processing') {
    await resultOf(inside.gateway, inside.caller.tenant, found.session_id)
    found = await ask()
  }
  const note = found.result === null ? texts.running(found.session_id) : texts.diagnosed
  const again = { tool: 'get_diagnosis', arguments: { session_id: found.session_id } }
  return { note, data: JSON.stringify(found), again }
}

function rangeOf(inside: Inside, minutes: number | undefined, end: string | undefined) {
  if (minutes === undefined && end === undefined) return undefined
  const until = end === undefined ? inside.gateway.now() : instantOf(end)
  if (Number.isNaN(until) || minutes === undefined || !(minutes >= 1 && minutes <= MOST_MINUTES))
    throw new ApiError('VALIDATION_ERROR', refusals.notDescribed('body'), {
      details: [{ field: 'minutes', message: texts.range(MOST_MINUTES) }],
    })
  return { start: timeOf(until - minutes * 60_000), end: timeOf(until) }
}

const MOST_MINUTES = 40_320

const defined = (fields: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
