/** With an authorizer: `sre topics apply --acls` lets each part do its own work and nothing else. The whole loop under these ACLs: cluster.test.ts */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bus, BusError } from '../../bus/bus.ts'
import { type AclChange, createBus } from '../../bus/create.ts'
import { busOptionsFrom } from '../../cli/bus-options.ts'
import { readConfig } from '../../cli/config.ts'
import { within } from '../../bus/kafka/within.ts'
import { contract } from '../bus/bench.ts'
import { runHere } from '../cli/run-sre.ts'
import { kafka } from '../servers/kafka.ts'
import { startSecuredKafka } from '../servers/secured-kafka.ts'

const PARTS = ['assistant', 'executor', 'gateway', 'control-plane']
/** `sre connect` writes and reads nothing */
const ALL = [...PARTS, 'connect']
const users = Object.fromEntries(['admin', 'guest', ...ALL].map((user) => [user, `the password of ${user}`]))
let secured: Awaited<ReturnType<typeof startSecuredKafka>>
let registryUrl: string
const buses: Record<string, Bus> = {}

const environmentOf = (user: string) => ({ ...secured.environmentOf(user), SCHEMA_REGISTRY_URL: registryUrl })
const topics = async (verb: string, ...options: string[]) =>
  runHere(['topics', verb, '--replicas', '1', ...options], environmentOf('admin'))
const busOf = async (part: string): Promise<Bus> =>
  (buses[part] ??= await createBus(busOptionsFrom(readConfig(environmentOf(part)), contract)))

beforeAll(async () => {
  ;[secured, { registryUrl }] = await Promise.all([startSecuredKafka({ users, superUsers: ['admin'] }), kafka()])
}, 180_000)
afterAll(async () => {
  for (const bus of Object.values(buses)) await bus.close()
  await secured?.stop()
}, 60_000)

describe('sre topics apply --acls', () => {
  it('shows its plan, applies it, and then finds nothing to do', async () => {
    const planned = await topics('apply', '--acls', '--dry-run')
    expect(planned).toMatchObject({ code: 0, err: '' })
    expect(planned.out.split('\n')).toEqual(
      expect.arrayContaining([
        'allow      User:gateway write topic sre.approval.decided.v1',
        'allow      User:executor read topic sre.approval.decided.v1',
        'allow      User:executor write topic sre.approval.decided.v1.executor.dlq',
        'allow      User:gateway read group gateway-views-*',
      ]),
    )
    expect(planned.out).not.toMatch(/assistant (write|read) topic sre\.approval\.decided/)
    expect(await topics('apply', '--acls')).toMatchObject({ code: 0, out: planned.out })
    expect(await topics('apply', '--acls')).toMatchObject({ code: 0, out: '' })
    expect(await topics('plan', '--acls')).toMatchObject({ code: 0, err: 'The cluster matches topics.yaml.\n' })
    expect(await runHere(['schemas', 'register'], environmentOf('admin'))).toMatchObject({ code: 0 })
  })

  it.each(ALL)(
    'lets %s write only the topics it produces by topics.yaml',
    async (part) => {
      const bus = await busOf(part)
      for (const { event, producers } of contract.topics) {
        const record = { topic: contract.topicOf(event).name, key: 'k', value: Buffer.from('x'), headers: {} }
        const written = await bus.publish([record]).then(
          () => 'written',
          (error: unknown) => (error instanceof BusError ? error.message : String(error)),
        )
        if (producers.includes(part)) expect({ event, written }).toEqual({ event, written: 'written' })
        else expect(written).toMatch(/not authorized/i)
      }
    },
    180_000,
  )

  it.each(PARTS)(
    'lets %s read only the topics it consumes by topics.yaml',
    async (part) => {
      const bus = await busOf(part)
      const group = (contract.groups[part]?.[0] ?? '').replace('*', randomUUID())
      for (const { event, name, consumers } of contract.topics) {
        const consumption = bus.subscribe({ group, consumer: part, topics: [name], handle: async () => [] })
        if (!consumers.includes(part)) {
          // a producer may join a group for its topic, and is refused at its first fetch
          const refused = consumption.then(async ({ failed }) => Promise.reject(await failed))
          await expect(within(30_000, refused, `${part} reads ${event}`)).rejects.toThrow(/not authorized/i)
        }
        await consumption.then(
          (one) => one.stop(),
          () => undefined,
        )
      }
    },
    180_000,
  )

  it("lets no part use another's consumer group, and an unknown user nothing", async () => {
    const [topic = ''] = contract.topics
      .filter(({ consumers }) => consumers.includes('gateway'))
      .map(({ name }) => name)
    const gateway = await busOf('gateway')
    const inGroupOf = (group: string) =>
      gateway.subscribe({ group, consumer: 'gateway', topics: [topic], handle: async () => [] })
    await expect(inGroupOf('sre-executor')).rejects.toThrow(/has no ACL for the group/)
    const guest = await busOf('guest')
    const record = await guest.encode('DiagnosisCancelRequested', {
      ...{ event_id: randomUUID(), session_id: randomUUID(), sequence: 0, tenant: 'default', occurred_at: Date.now() },
      ...{ requested_by: 'x', reason: null },
    })
    await expect(guest.publish([record])).rejects.toThrow(/authorization failed.*sre topics apply --acls/i)
  }, 120_000)

  it('reports ACLs it did not create and leaves them, unless asked to remove them', async () => {
    const decided = contract.topicOf('ApprovalDecided').name
    const rule = { host: '*', permission: 'allow', operation: 'write', resource: 'topic', pattern: 'literal' }
    await secured.allow('User:assistant', decided)
    await secured.allow('User:*', decided)
    const told = await topics('apply', '--acls')
    expect(told).toMatchObject({ code: 0, err: expect.stringContaining('2 ACLs marked extra') })
    expect(told.out).toBe(
      `extra      User:assistant write topic ${decided}\nextra      User:* write topic ${decided}\n`,
    )
    const planned = await topics('plan', '--prune-acls', '--json')
    expect(JSON.parse(planned.out) as AclChange[]).toEqual([
      { kind: 'remove', principal: 'User:assistant', name: decided, ...rule },
      { kind: 'extra', principal: 'User:*', name: decided, ...rule },
    ])
    expect(await topics('apply', '--prune-acls')).toMatchObject({ code: 0 })
    expect((await topics('apply', '--acls')).out).toBe(`extra      User:* write topic ${decided}\n`)
  })

  it('uses the configured principals', async () => {
    const named = { ...environmentOf('admin'), KAFKA_PRINCIPAL_ASSISTANT: 'User:CN=assistant,O=SRE' }
    const planned = await runHere(['topics', 'plan', '--replicas', '1', '--acls'], named)
    expect(planned.out).toContain('allow      User:CN=assistant,O=SRE read topic sre.diagnosis.requested.v1\n')
    const wrong = await runHere(['topics', 'plan'], { ...named, KAFKA_PRINCIPAL_ASSISTANT: 'assistant' })
    expect(wrong.err).toContain('KAFKA_PRINCIPAL_ASSISTANT: must be Type:name')
  })

  it('needs the right to describe ACLs, and says so', async () => {
    const ran = await runHere(['topics', 'plan', '--acls', '--replicas', '1'], environmentOf('assistant'))
    expect(ran).toMatchObject({ code: 1, err: expect.stringMatching(/^Kafka: .*authoriz/i) })
  })
})

describe('sre topics apply --prune-acls', () => {
  it("leaves what may serve other topics: those of the control-plane's own, and patterns, which it tells", async () => {
    await secured.allow('User:control-plane', 'orders')
    await secured.allow('User:assistant', '*')
    const { out } = await topics('apply', '--prune-acls')
    expect(out).not.toContain('orders')
    expect(out).toContain('extra      User:assistant write topic *\n')
    expect((await topics('plan', '--acls')).out).toContain('extra      User:assistant write topic *\n')
  })
})
