import { createHash, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Bus } from '../../bus/bus.ts'
import { applyTopics, createBus, preparePostgresBus } from '../../bus/create.ts'
import { deadLetterRecord } from '../../bus/dead-letter.ts'
import { listLetters, readLetters } from '../../cli/dlq/letters.ts'
import { redrive } from '../../cli/dlq/redrive.ts'
import { openPool } from '../../bus/postgres/pool.ts'
import { cancel, contract, listen, TOPIC } from '../bus/bench.ts'
import { settled } from '../bus/settled.ts'
import { kafka, startPrivateKafka } from '../servers/kafka.ts'
import { createDatabase } from '../servers/postgres.ts'
import { runHere } from './run-sre.ts'

describe.each(['Kafka', 'PostgreSQL'])('sre dlq over %s', (kind) => {
  const sre = runHere
  let bus: Bus
  let settings: Record<string, string>
  const endings: (() => Promise<unknown>)[] = []
  /** once what was published can be read: a log in PostgreSQL waits for others that write to the same server */
  let visible = () => Promise.resolve()
  beforeAll(async () => {
    if (kind === 'Kafka') {
      const [{ registryUrl }, { brokers, stop }] = await Promise.all([kafka(), startPrivateKafka()])
      endings.push(stop)
      const environment = { KAFKA_BROKERS: brokers.join(','), SCHEMA_REGISTRY_URL: registryUrl }
      await applyTopics({ brokers }, contract, { replicas: 1 })
      await sre(['schemas', 'register'], environment)
      bus = await createBus({ kind: 'kafka', brokers, registryUrl, contract })
      settings = environment
    } else {
      const database = await createDatabase('dlq')
      await preparePostgresBus(database.url, contract)
      bus = await createBus({ kind: 'postgres', databaseUrl: database.url, contract })
      settings = { DATABASE_URL: database.url }
      const pool = openPool({ connectionString: database.url, max: 1 })
      visible = () => settled(pool)
      endings.push(() => pool.end())
      endings.push(database.drop)
    }
  }, 180_000)
  afterAll(async () => {
    await bus?.close()
    for (const end of endings) await end()
  })

  it('lists, shows and redrives dead letters, after a confirmation', async () => {
    const key = randomUUID()
    const listener = await listen(bus, {
      reject: (one) => one.headers.sre_attempt === undefined && 'refused \u001b[31mby this test',
    })
    await bus.publish([await bus.encode('DiagnosisCancelRequested', cancel(key, 1))])
    await listener.of(key, 1)
    const letter = await vi.waitFor(async () => {
      const { out } = await sre(['dlq', 'list', '--consumer', 'assistant', '--json'], settings)
      const [found] = JSON.parse(out).filter((one: { key: string }) => one.key === key)
      expect(found).toMatchObject({ code: 'refused', consumer: 'assistant', origin: { topic: TOPIC } })
      return found as { id: string }
    }, 180_000)

    const listed = await sre(['dlq', 'list'], settings)
    expect(listed.out).toContain(letter.id)
    expect(listed.err).toMatch(/^\d+ dead letters?\n$/)
    const whole = await sre(['dlq', 'show', letter.id, '--json'], settings)
    expect(JSON.parse(whole.out)).toMatchObject({ id: letter.id, code: 'refused' })
    const shown = await sre(['dlq', 'show', letter.id], settings)
    expect(shown.out).toContain('refused: refused \\u001b[31mby this test')
    expect(shown.out).toContain(`"session_id": "${key}"`)

    expect(await sre(['dlq', 'redrive', letter.id], settings)).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining('nothing was published'),
    })
    expect(listener.seen(key)).toHaveLength(1)
    expect(await sre(['dlq', 'redrive', letter.id, '--yes'], settings)).toMatchObject({
      code: 0,
      out: `${letter.id}  published to ${TOPIC} as attempt 1\n`,
    })
    await visible()
    // it is marked as redriven
    expect((await sre(['dlq', 'list'], settings)).out).not.toContain(letter.id)
    expect((await sre(['dlq', 'list', '--redriven'], settings)).out).toContain(letter.id)
    expect(await sre(['dlq', 'redrive', letter.id, '--yes'], settings)).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining('--again'),
    })
    expect((await sre(['dlq', 'redrive', '--all', '--topic', TOPIC, '--yes'], settings)).out).toBe('')
    const all = await sre(['dlq', 'redrive', '--all', '--topic', TOPIC, '--again', '--yes', '--json'], settings)
    expect(all.code).toBe(0)
    expect(
      all.out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as object),
    ).toContainEqual({
      ...{ id: letter.id, topic: TOPIC, attempt: 1 },
    })
    expect(await sre(['dlq', 'redrive', '--all', '--consumer', 'executor', '--yes'], settings)).toMatchObject({
      code: 0,
      err: expect.stringContaining('No dead letters'),
    })
    const [, again] = await listener.of(key, 2)
    expect(again?.headers.sre_attempt).toBe('1')
    await listener.consumption.stop()
  })

  it('redrives thousands by filter, each once, and resumes after an interruption', async () => {
    const key = randomUUID()
    const from = Date.now()
    const COUNT = 1250
    const { value } = await bus.encode('DiagnosisCancelRequested', cancel(key, 1))
    const letters = Array.from({ length: COUNT }, (_, at) =>
      deadLetterRecord(
        {
          origin: { topic: TOPIC, partition: 0, offset: String(at), timestamp: from },
          key,
          value,
          headers: { at: String(at) },
        },
        { consumer: 'assistant', group: 'a group', code: at === 7 ? 'another' : 'many', reason: 'many at once' },
      ),
    )
    await bus.publish(letters)
    await visible()
    const known = await listLetters(bus, contract, { code: 'many', since: from - 60_000 })
    expect(known).toHaveLength(COUNT - 1)
    // like a killed process, which has published more than it has reported
    for await (const _ of redrive(bus, readLetters(bus, contract, known.map(({ id }) => id)))) break // prettier-ignore
    await visible()

    const filter = ['--code', 'many', '--topic', TOPIC, '--since', '10m']
    const rest = await sre(['dlq', 'redrive', '--all', ...filter, '--yes'], settings)
    expect(rest).toMatchObject({ code: 0, err: expect.stringMatching(/… and \d+ more\n[^]*500 of \d+\n1000 of \d+\n/) })
    await visible()
    const again = await sre(['dlq', 'redrive', '--all', ...filter, '--yes'], settings)
    expect(again).toMatchObject({ code: 0, out: '', err: expect.stringContaining('No dead letters') })

    const brought = await Array.fromAsync(bus.browse(TOPIC), ({ headers }) => headers)
    const mine = brought.filter((headers) => headers['at'] !== undefined).map((headers) => Number(headers['at']))
    expect(mine).toEqual(Array.from({ length: COUNT }, (_, at) => at).filter((at) => at !== 7))
    const none = ['dlq', 'list', '--code', 'another', '--until', '2026-01-01T00:00:00Z']
    expect(await sre(none, settings)).toMatchObject({ code: 0, out: '' })
  })

  it('shows the original size of a truncated letter, and does not redrive it', async () => {
    const whole = Buffer.alloc(3_000_000, 'x')
    const origin = {
      topic: contract.topicOf('DiagnosisProgressed').name,
      partition: 0,
      offset: '4',
      timestamp: Date.now(),
    }
    const why = { consumer: 'gateway', group: 'a group', code: 'bad_magic', reason: 'no such thing' }
    await bus.publish([deadLetterRecord({ origin, key: 'k', value: whole, headers: {} }, why)])
    await visible()
    const listed = await sre(['dlq', 'list', '--consumer', 'gateway'], settings)
    expect(listed.out).toContain('[truncated] no such thing')
    const id = listed.out.split(/\s+/).find((word) => word.includes('.gateway.dlq/')) ?? ''
    const shown = await sre(['dlq', 'show', id], settings)
    expect(shown.out).toContain(`value had 3000000 bytes, SHA-256 ${createHash('sha256').update(whole).digest('hex')}`)
    expect(await sre(['dlq', 'redrive', id, '--yes'], settings)).toMatchObject({
      ...{ code: 1, out: '' },
      err: expect.stringContaining('truncated'),
    })
    expect(await sre(['dlq', 'redrive', '--all', '--consumer', 'gateway', '--yes'], settings)).toMatchObject({
      ...{ code: 0, out: '' },
      err: expect.stringContaining('truncated'),
    })
  })

  it('says how to find ids if the given one does not exist', async () => {
    expect(await sre(['dlq', 'show', `${TOPIC}.assistant.dlq/0/999999`], settings)).toMatchObject({
      code: 1,
      err: expect.stringContaining('sre dlq list'),
    })
    expect(await sre(['dlq', 'redrive'], settings)).toMatchObject({ code: 1, err: expect.stringContaining('--all') })
    expect(await sre(['dlq', 'list', '--topic', 'nonsense'], settings)).toMatchObject({
      code: 2,
      err: expect.stringContaining(TOPIC),
    })
  })
})
