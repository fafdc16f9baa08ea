/** Over Kafka, with each agent as its own process: from a question to the report that the assistant asks for by A2A over topics, though each agent dies. */
import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { GOOD } from '../events/requests.ts'
import { kafkaOfItsOwn } from '../runtime/kafka.ts'
import type { AgentName } from './agents-process.ts'
import { waitingCalls } from './called-over-topics.ts'
import { type Loop, openLoop } from './loop.ts'
import { measuredCart } from './measured-cart.ts'

let loop: Loop
let session: string
let cart: Awaited<ReturnType<typeof measuredCart>>
beforeAll(async () => {
  loop = await openLoop(async () => {
    const { options, broker } = await kafkaOfItsOwn()
    return { options, tearDown: () => broker.stop() }
  })
  cart = await measuredCart(loop.services)
}, 300_000)
afterAll(async () => {
  await cart?.stop()
  await loop?.close()
}, 60_000)
afterEach(() => loop.killAgents())

const start = (agent: AgentName, killAt?: string) =>
  loop.startAgents({
    ...{ only: [agent], asks: true, prometheusUrl: cart.url, verifyAfterMs: [6000, 12_000] },
    ...(killAt === undefined ? {} : { killAt }),
  })

it('a question leads to one diagnosis, one action, one call and one report', async () => {
  await loop.deployBad()
  const [assistant, executor, postmortem] = await Promise.all([
    start('assistant', 'assistant/analyse:done'),
    start('executor', 'executor/execute:done'),
    start('postmortem', 'postmortem/publish 0:recorded'),
  ])
  session = await loop.ask()
  const mine = (value: { session_id: string | null }) => value.session_id === session
  await assistant.died()
  await start('assistant')
  const approval = await loop.first('ApprovalRequested', mine)
  await loop.opened(approval)
  await loop.decide(approval)
  await executor.died()
  await start('executor')
  expect(await loop.first('ActionCompleted', mine)).toMatchObject({ outcome: 'succeeded', effect: 'helped' })
  const call = await loop.first('A2aRequested', mine)
  await postmortem.died()
  await start('postmortem')
  const answer = await loop.first('A2aResponded', ({ call_id }) => call_id === call.call_id)
  expect(answer).toMatchObject({ last: true, error_code: null, body: expect.stringContaining('TASK_STATE_COMPLETED') })
  const told = await loop.first('DiagnosisProgressed', (value) => mine(value) && value.step === 'postmortem')
  expect(told.message['en']).toBe(`Postmortem ${answer.task_id}`)
  await loop.concluded(session)
  for (const event of [
    'DiagnosisCompleted',
    'ApprovalRequested',
    'ApprovalClosed',
    'ActionCompleted',
    'A2aRequested',
    'A2aResponded',
  ] as const)
    // prettier-ignore
    expect(await loop.all(event, mine), event).toHaveLength(1)
  const written = await loop.all('PostmortemCompleted', ({ postmortem_id }) => postmortem_id === answer.task_id)
  expect(written).toMatchObject([{ status: 'completed', session_ids: [session], report: expect.any(String) }])
  expect(loop.services.deployed.filter((one) => one === `cart ${GOOD}`)).toHaveLength(1)
})

it('a report is published once though one process after another dies', async () => {
  const postmortem_id = randomUUID()
  const isIt = (value: { postmortem_id: string }) => value.postmortem_id === postmortem_id
  const request = {
    ...{ event_id: randomUUID(), session_id: null, sequence: 0, tenant: 'default', occurred_at: Date.now() },
    ...{
      postmortem_id,
      incident_ids: [],
      session_ids: [session],
      language: null,
      requested_by: 'i|alice',
      context: {},
    },
  }
  // the other boundaries do not depend on the bus: postmortem-postgres.test.ts
  const boundaries = ['catch up:done', 'publish 0:recorded', 'publish 0:done', 'publish 0:journaled']
  const [, heir] = await loop.relay(
    boundaries.map((one) => `postmortem/${request.event_id}/${one}`),
    async () => loop.bus.publish([await loop.bus.encode('PostmortemRequested', request)]),
    { only: ['postmortem'] },
  )
  await loop.ended(`postmortem/${request.event_id}`)
  expect(await loop.all('PostmortemCompleted', isIt)).toMatchObject([{ revision: 1, report: expect.any(String) }])
  await heir.stop()
})

waitingCalls(() => ({ loop }), ['answer callers:done'])
