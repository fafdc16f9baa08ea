import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { applyTopics, planTopics } from '../../bus/create.ts'
import { addSchemas } from '../../cli/schemas/schemas-command.ts'
import type { ClientContext } from '../../cli/login/context.ts'
import { contract, TOPIC } from '../bus/bench.ts'
import { kafka, startPrivateKafka } from '../servers/kafka.ts'
import { createDatabase } from '../servers/postgres.ts'
import { runHere } from './run-sre.ts'

let environment: Record<string, string>
let brokers: string[]
let registryUrl: string
let tearDown: () => Promise<void>

beforeAll(async () => {
  const [shared, broker] = await Promise.all([kafka(), startPrivateKafka()])
  ;({ registryUrl } = shared)
  ;({ brokers } = broker)
  tearDown = broker.stop
  environment = { KAFKA_BROKERS: brokers.join(','), SCHEMA_REGISTRY_URL: registryUrl }
}, 180_000)
afterAll(() => tearDown?.())

describe('sre topics', () => {
  it('plans and applies topics.yaml, and reports refused changes', async () => {
    const planned = await runHere(['topics', 'plan', '--replicas', '1'], environment)
    expect(planned.code).toBe(1)
    expect(planned.out.split('\n')).toContain(`create     ${TOPIC}  6 partitions, 1 replicas`)
    expect(planned.out.split('\n')).toContain(`create     ${TOPIC}.assistant.dlq  1 partitions, 1 replicas`)

    const beyond = await runHere(['topics', 'apply', '--replicas', '3'], environment)
    expect(beyond).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^Kafka: Replication-factor is invalid .*--replicas N/),
    })
    expect(await runHere(['topics', 'apply'], environment)).toMatchObject({ code: 0 })
    expect(await runHere(['topics', 'plan', '--replicas', '1'], environment)).toMatchObject({
      code: 0,
      out: '',
      err: expect.stringContaining('matches'),
    })
    const replicas = await runHere(['topics', 'plan', '--replicas', '2'], environment)
    expect(replicas).toMatchObject({
      code: 1,
      out: expect.stringContaining('it has a replication factor of 1 instead of 2'),
    })
    // as many as the cluster can hold, and says so
    expect(await runHere(['topics', 'plan'], environment)).toMatchObject({
      code: 0,
      err: expect.stringMatching(/The cluster has 1 broker, .* replication factor of 3: using 1.*--replicas 1/),
    })
  })

  it('changes settings without losing others, and adds partitions only on request', async () => {
    const wanted = {
      ...contract,
      topics: contract.topics.map((topic) =>
        topic.name === TOPIC
          ? { ...topic, partitions: 8, config: { ...topic.config, 'retention.ms': '1000000', 'segment.ms': '500000' } }
          : topic,
      ),
    }
    const connection = { brokers }
    const options = { replicas: 1 }
    expect(await applyTopics(connection, wanted, options)).toMatchObject([
      { kind: 'refused', reason: expect.stringContaining('--add-partitions') },
      { kind: 'configure', from: { 'segment.ms': 'the default', 'retention.ms': '2592000000' } },
    ])
    // the contract does not set segment.ms, so it is kept
    expect(await applyTopics(connection, contract, options)).toMatchObject([
      { kind: 'configure', config: { 'segment.ms': '500000', 'retention.ms': '2592000000' } },
    ])
    expect(await planTopics(connection, contract, options)).toEqual([])
    expect((await planTopics(connection, wanted, { ...options, addPartitions: true })).map(({ kind }) => kind)).toEqual(
      ['add_partitions', 'configure'],
    )
  })

  it('adds partitions on request, and prints the changes as JSON', async () => {
    const more = { ...contract, topics: contract.topics.map((topic) => ({ ...topic, partitions: 12 })) }
    const connection = { brokers }
    await applyTopics(connection, more, { replicas: 1, addPartitions: true })
    expect(await planTopics(connection, more, { replicas: 1 })).toEqual([])
    // reducing partitions would lose records
    const planned = await runHere(['topics', 'plan', '--replicas', '1', '--json'], environment)
    expect(planned.code).toBe(1)
    const changes = JSON.parse(planned.out) as { kind: string; topic: string; reason: string }[]
    expect(changes.find(({ topic }) => topic === TOPIC)).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('it has 12 partitions; reducing them to 6 would lose records'),
    })
    const left = await runHere(['topics', 'apply', '--replicas', '1'], environment)
    expect(left).toMatchObject({ code: 1, err: expect.stringContaining('differences remain') })
  })

  it('makes no ACLs where the brokers have no authorizer, and says what that means', async () => {
    const ran = await runHere(['topics', 'apply', '--replicas', '1', '--acls'], environment)
    expect(ran).toMatchObject({ code: 1, err: expect.stringMatching(/no authorizer.*anyone .* may read and write/) })
  })

  it('reports an invalid option, and an unreachable broker', async () => {
    expect(await runHere(['topics', 'plan', '--replicas', 'many'], environment)).toMatchObject({ code: 2 })
    const away = { ...environment, KAFKA_BROKERS: '127.0.0.1:1' }
    expect(await runHere(['topics', 'plan'], away)).toMatchObject({ code: 1, err: expect.stringMatching(/^Kafka: /) })
  })

  it('says what is missing when there is no Kafka', async () => {
    expect(await runHere(['topics', 'plan'])).toMatchObject({ code: 1, err: expect.stringContaining('KAFKA_BROKERS') })
  })
})

describe('sre schemas', () => {
  it('registers under the subjects of topics.yaml, the same ids each time', async () => {
    const first = await runHere(['schemas', 'register', '--json'], environment)
    expect(first).toMatchObject({ code: 0, err: '' })
    expect(Object.keys(JSON.parse(first.out))).toEqual(contract.topics.map(({ subject }) => subject))
    expect((await runHere(['schemas', 'register', '--json'], environment)).out).toBe(first.out)
  })

  it('registers in PostgreSQL if that is the bus, and reports a failure', async () => {
    const database = await createDatabase('schemas')
    const ran = await runHere(['schemas', 'register'], { DATABASE_URL: database.url })
    expect(ran).toMatchObject({ code: 0, out: 'The schemas are registered in PostgreSQL.\n' })
    await database.drop()
    const away = await runHere(['schemas', 'register'], { DATABASE_URL: database.url })
    expect(away).toMatchObject({ code: 1, err: expect.stringContaining('schema registration failed: ') })
    const wide = await runHere(['schemas', 'register'], environment)
    expect(wide.out).toMatch(new RegExp(`^ *\\d+  ${contract.topicOf('DiagnosisRequested').subject}$`, 'm'))
  })

  it('lists each schema as text', async () => {
    const { code, out } = await runHere(['schemas', 'check'])
    expect(code).toBe(0)
    expect(out).toMatch(/^released +DiagnosisRequested \(\w+, \d+ releases\)$/m)
  })

  it('releases changed schemas once, and lists the written files', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sre-released-'))
    const released = async (): Promise<string[]> => {
      const printed: string[] = []
      const context = { print: (line: string) => printed.push(line) } as unknown as ClientContext
      const program = new Command('sre').exitOverride()
      addSchemas(program, context, folder)
      await program.parseAsync(['schemas', 'release', '--json'], { from: 'user' })
      return JSON.parse(printed.join(''))
    }
    const first = await released()
    expect(first).toHaveLength(contract.topics.length)
    expect(first).toContain(join(folder, 'diagnosis-requested', '1.avsc'))
    expect(await released()).toEqual([])
  })

  it('checks against the releases offline', async () => {
    const { code, out } = await runHere(['schemas', 'check', '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(out)).toHaveLength(contract.topics.length)
  })
})
