import { expect, it } from 'vitest'
import { announced } from '../../agents/assistant/announced.ts'

const ID = '6a65ae4e-0c0f-5d8b-9a57-3f3b3a1f6c11'
const asked = (context: Record<string, string>) => ({ session_id: ID, service: 'cart', occurred_at: 1_000, context })
const now = { signal: new AbortController().signal, traceparent: null, requestId: null, tenant: 'default' }

it.each([
  ['anomaly', { trigger: 'anomaly', anomaly_id: ID, reason: 'cart latency_p95 above its expected range' }],
  ['forecast', { trigger: 'forecast', forecast_id: ID, reason: 'cart disk reaches its limit soon' }],
])('is evidence if it is the %s that asked', async (operation, context) => {
  const [question, ...others] = announced(asked(context))
  expect(others).toEqual([])
  expect(await question!(now)).toMatchObject({
    ...{ tool: 'anomaly', operation, query: ID, status: 'ok', summary: context.reason },
    data: { id: ID, service: 'cart', at: 1_000, reason: context.reason },
  })
})

it.each([
  ['a person', {}],
  ['another session', { trigger: 'anomaly', anomaly_id: 'another', reason: 'made up' }],
  ['an anomaly as a forecast', { trigger: 'forecast', anomaly_id: ID, reason: 'made up' }],
  ['something else', { trigger: 'constructor', reason: 'made up' }],
])('is none if %s asked', (_who, context: Record<string, string>) => {
  expect(announced(asked(context))).toEqual([])
})
