/** Clients that nobody here wrote get a diagnosis and a report from the real agents: the A2A SDKs for JavaScript and Python, over both HTTP bindings. */
import { TaskState } from '@a2a-js/sdk'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { tokenFrom } from '../../bench/fuzz/http/tokens.ts'
import { type RunningGateway, serveGateway } from '../../gateway/serve.ts'
import { reportSchema } from '../../postmortem/report.ts'
import { readIncident } from '../../recording/read.ts'
import { loadContract } from '../../schemas/contract.ts'
import { singleTenant } from '../../tenants/tenants.ts'
import { a2aClient, BINDINGS, message, send } from '../gateway/a2a-client.ts'
import { sendWithPython } from '../servers/a2a-client.ts'
import { type Loop, openLoop, RECORDING } from './loop.ts'

let loop: Loop
let gateway: RunningGateway
let token: string
let diagnosis: object

beforeAll(async () => {
  loop = await openLoop(async (databaseUrl) => ({
    options: { kind: 'postgres', databaseUrl },
    tearDown: async () => undefined,
  }))
  const { issuer, database } = loop.setting
  gateway = await serveGateway({
    ...{ databaseUrl: database.url, bus: loop.bus, contract: loadContract(), identity: { issuer: issuer.url } },
    ...{ tenants: singleTenant, decisions: { issuer: 'sre-gateway', keys: loop.keys }, log: pino({ level: 'silent' }) },
    ...{ host: '127.0.0.1', port: 0 },
  })
  token = await tokenFrom(issuer, 'alice')
  const { window, alert } = await readIncident(RECORDING)
  diagnosis = { affected_services: [alert?.service], time_range: window }
  await loop.deployBad()
  await loop.startAgents({ postmortem: true })
}, 180_000)
afterAll(async () => {
  await gateway?.close()
  await loop?.close()
}, 60_000)

it('the SDK for JavaScript', async () => {
  for (const binding of BINDINGS) {
    const client = await a2aClient(gateway.url, binding, token)
    const task = await send(client, message(diagnosis))
    expect(task.status?.state, JSON.stringify(task.status)).toBe(TaskState.TASK_STATE_INPUT_REQUIRED)
    expect(task.status?.message?.parts.at(-1)).toMatchObject({
      content: { value: { status: 'pending', action: { type: 'rollback', service: 'cart' } } },
    })
    expect(task.artifacts).toMatchObject([
      { artifactId: 'result', parts: [{}, { content: { value: { verdict: 'incident', root_causes: expect.arrayContaining([expect.objectContaining({ service: 'cart' })]) } } }] }, // prettier-ignore
      { artifactId: 'evidence', parts: [{ content: { value: { evidence: expect.any(Array) } } }] },
    ])
    const evidence = (task.artifacts[1]?.parts[0]?.content?.value as { evidence: { href: string }[] }).evidence
    const read = await fetch(gateway.url + evidence[0]?.href, { headers: { authorization: `Bearer ${token}` } })
    expect(read.status).toBe(200)
    const written = await send(client, message({ skill: 'postmortem', session_ids: [task.id] }))
    expect(written.status?.state).toBe(TaskState.TASK_STATE_COMPLETED)
    const [markdown, report] = written.artifacts[0]?.parts ?? []
    expect(markdown?.content?.value).toContain('cart')
    expect(reportSchema.parse(report?.content?.value).head.session_ids).toEqual([task.id])
  }
}, 180_000)

it('the SDK for Python', async () => {
  const sent = BINDINGS.map((binding, index) => ({ binding, streaming: index === 0, data: diagnosis }))
  const diagnosed = await sendWithPython(gateway.url, token, sent)
  for (const { task, events } of diagnosed) {
    expect(task.status.state).toBe('TASK_STATE_INPUT_REQUIRED')
    expect(events[0]).toBe('task')
    expect(task.artifacts).toMatchObject([
      { artifactId: 'result', parts: [{}, { data: { verdict: 'incident' } }] },
      { artifactId: 'evidence' },
    ])
  }
  expect(diagnosed[0]?.events).toEqual(expect.arrayContaining(['artifact_update', 'status_update']))
  const written = await sendWithPython(
    gateway.url,
    token,
    diagnosed.map(({ task }, index) => ({
      binding: sent[index]!.binding,
      streaming: index === 1,
      text: `postmortem of ${task.id}`,
    })),
  )
  for (const [index, { task }] of written.entries()) {
    expect(task.status.state).toBe('TASK_STATE_COMPLETED')
    const report = reportSchema.parse(task.artifacts?.[0]?.parts[1]?.['data'])
    expect(report.head.session_ids).toEqual([diagnosed[index]?.task.id])
  }
}, 300_000)
