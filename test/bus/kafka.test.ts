import { randomUUID } from 'node:crypto'
import kafkajs from 'kafkajs'
import { expect, it, vi } from 'vitest'
import type { Received } from '../../bus/bus.ts'
import { type BusOptions, createBus, prepareKafkaBus } from '../../bus/create.ts'
import { readDeadLetter, redriven } from '../../bus/dead-letter.ts'
import { writeWithConfluentClient } from '../servers/avro-client.ts'
import { kafka, startPrivateKafka } from '../servers/kafka.ts'
import { cancel, contract, listen, TOPIC } from './bench.ts'
import { loadContract } from '../../schemas/contract.ts'
import type { DiagnosisProgressed } from '../../schemas/events.generated.ts'
import { busContract } from './contract.ts'
import { lettersOf } from './faulty-records.ts'
import { openKafka, whileKafkaIsDown } from './kafka-down.ts'
import { losableRegistry } from './lost-schemas.ts'
import { writeGzip } from './write-gzip.ts'

busContract(
  'Kafka',
  async () => {
    const [{ registryUrl }, broker] = await Promise.all([kafka(), startPrivateKafka()])
    const options = { kind: 'kafka' as const, brokers: broker.brokers, registryUrl, sessionMs: 6000 }
    await prepareKafkaBus({ ...options, contract }, { replicas: 1 })
    return {
      options,
      away: broker.kill,
      back: broker.start,
      write: (records) => writeGzip(broker.brokers, records),
      schemas: (['another path', 'a page', 'empty'] as const).map((loss) => () => losableRegistry(options, loss)),
      tearDown: broker.stop,
    }
  },
  (setting) => {
    it('dead-letters a record whose schema is registered but is not Avro', async () => {
      const { bus, options } = await openKafka(setting())
      const answer = await fetch(`${options.registryUrl}/subjects/${randomUUID()}/versions`, {
        method: 'POST',
        headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
        body: JSON.stringify({ schemaType: 'JSON', schema: '{"type":"object"}' }),
      })
      const { id } = (await answer.json()) as { id: number }
      const key = randomUUID()
      const listener = await listen(bus)
      const [foreign, good] = await Promise.all(
        [0, 1].map((at) => bus.encode('DiagnosisCancelRequested', cancel(key, at))),
      )
      if (foreign === undefined || good === undefined) throw new Error('two were encoded')
      foreign.value.writeUInt32BE(id, 1)
      await bus.publish([foreign, good])
      expect((await listener.of(key, 1)).map((one) => one.value.sequence)).toEqual([1])
      // some registries do not return such a schema to Avro clients
      const code = expect.stringMatching(/^(undecodable|unknown_schema)$/)
      await vi.waitFor(async () => expect(await lettersOf(bus, key)).toMatchObject([{ code }]), 60_000)
      await bus.close()
    })

    it('browses each record once and in order for a slow reader, and deletes its group when a reader stops early', async () => {
      const { bus, options } = await openKafka(setting())
      const keys: readonly string[] = Array.from({ length: 4 }, () => randomUUID())
      for (let sequence = 0; sequence < 3; sequence++)
        await bus.publish(await Promise.all(keys.map((key) => bus.encode('DiagnosisCancelRequested', cancel(key, sequence))))) // prettier-ignore
      const found: Received[] = []
      for await (const delivery of bus.browse(TOPIC)) {
        if (!keys.includes(delivery.key ?? '')) continue
        // longer than the session timeout
        if (found.length === 0) await new Promise((resolve) => setTimeout(resolve, 13_000))
        found.push(await bus.decode(delivery))
      }
      for (const key of keys) {
        const sequences = found.filter(({ delivery }) => delivery.key === key).map(({ value }) => value.sequence)
        expect(sequences).toEqual([0, 1, 2])
      }
      for await (const _ of bus.browse(TOPIC)) break
      const admin = new kafkajs.Kafka({ brokers: [...options.brokers], logLevel: kafkajs.logLevel.NOTHING }).admin()
      await admin.connect()
      const { groups } = await admin.listGroups()
      expect(groups.filter(({ groupId }) => groupId.startsWith('browse-'))).toEqual([])
      await admin.disconnect()
      await bus.close()
    })

    it('browses to the end of a topic that ends with a transaction marker', async () => {
      const { bus, options } = await openKafka(setting())
      const key = randomUUID()
      const { value } = await bus.encode('DiagnosisCancelRequested', cancel(key, 0))
      const other = new kafkajs.Kafka({ brokers: [...options.brokers], logLevel: kafkajs.logLevel.NOTHING })
      const producer = other.producer({ idempotent: true, transactionalId: randomUUID(), maxInFlightRequests: 1 })
      await producer.connect()
      for (const end of ['commit', 'abort'] as const) {
        const transaction = await producer.transaction()
        await transaction.send({ topic: TOPIC, messages: [{ key, value }] })
        await transaction[end]()
      }
      await producer.disconnect()
      const found = await Array.fromAsync(bus.browse(TOPIC))
      expect(found.filter((one) => one.key === key)).toHaveLength(1)
      await bus.close()
    })

    it('does not skip records of a transaction that commits after a later record', async () => {
      const { bus, options } = await openKafka(setting())
      const key = randomUUID()
      const [slow, quick] = await Promise.all(
        [0, 1].map((at) => bus.encode('DiagnosisCancelRequested', cancel(key, at))),
      )
      if (slow === undefined || quick === undefined) throw new Error('two were encoded')
      const listener = await listen(bus)
      const other = new kafkajs.Kafka({ brokers: [...options.brokers], logLevel: kafkajs.logLevel.NOTHING })
      const producer = other.producer({ idempotent: true, transactionalId: randomUUID(), maxInFlightRequests: 1 })
      await producer.connect()
      const transaction = await producer.transaction()
      await transaction.send({ topic: TOPIC, messages: [{ key, value: slow.value }] })
      await bus.publish([quick])
      // give it time to wrongly read the uncommitted record
      await listener.quiet()
      expect(listener.seen(key)).toEqual([])
      await transaction.commit()
      expect((await listener.of(key, 2)).map((one) => one.value.sequence)).toEqual([0, 1])
      expect(listener.repeats(key)).toEqual([])
      await producer.disconnect()
      await bus.close()
    })

    it('accepts foreign records without a key, with repeated headers, and without headers', async () => {
      const { bus, options } = await openKafka(setting())
      const key = randomUUID()
      const { value } = await bus.encode('DiagnosisCancelRequested', cancel(key, 0))
      const other = new kafkajs.Kafka({ brokers: [...options.brokers], logLevel: kafkajs.logLevel.NOTHING })
      const producer = other.producer()
      await producer.connect()
      const listener = await listen(bus)
      await producer.send({ topic: TOPIC, messages: [{ value, headers: { tried: ['1', '2'] } }, { value }] })
      await producer.disconnect()
      const taken = await vi.waitFor(() => {
        const found = listener.received.filter((one) => one.value.session_id === key)
        expect(found).toHaveLength(2)
        return found
      }, 60_000)
      expect(taken.map(({ delivery }) => delivery.key)).toEqual([null, null])
      expect(taken.map(({ headers }) => headers.tried).sort()).toEqual(['2', undefined])
      await bus.close()
    })

    it.each(['gzip', 'snappy', 'lz4', 'zstd'] as const)(
      'reads what another producer compressed with %s',
      async (codec) => {
        const { bus, options } = await openKafka(setting())
        const session = randomUUID()
        const listener = await listen(bus)
        const events = await Promise.all(
          [0, 1, 2].map((at) => bus.encode('DiagnosisCancelRequested', cancel(session, at))),
        )
        const values = events.map(({ value }) => value)
        await writeWithConfluentClient(options.brokers, { topic: TOPIC, key: session, codec, values })
        expect((await listener.of(session, 3)).map((one) => one.value.sequence)).toEqual([0, 1, 2])
        await bus.close()
      },
    )

    it('dead-letters a batch that decompresses to more than the limit, and continues after it', async () => {
      const { bus } = await openKafka(setting())
      const key = randomUUID()
      const listener = await listen(bus)
      const [before, after] = await Promise.all([0, 1].map((at) => bus.encode('DiagnosisCancelRequested', cancel(key, at)))) // prettier-ignore
      if (before === undefined || after === undefined) throw new Error('two were encoded')
      await bus.publish([before])
      await setting().write([{ key, value: Buffer.alloc(64 * 1024 * 1024) }])
      await bus.publish([after])
      expect((await listener.of(key, 2)).map((one) => one.value.sequence)).toEqual([0, 1])
      const letter = await vi.waitFor(async () => {
        const all = await Array.fromAsync(bus.browse(`${TOPIC}.assistant.dlq`), readDeadLetter)
        const found = all.find((one) => one.reason.includes('decompresses to more than 33554432 bytes'))
        expect(found).toBeDefined()
        return found!
      }, 60_000)
      expect(letter).toMatchObject({ code: 'undecodable', value: Buffer.alloc(0), shortened: { value: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string } } }) // prettier-ignore
      expect(letter.shortened.value?.bytes).toBeLessThan(1024 * 1024)
      expect(() => redriven(letter)).toThrow(/stored truncated/)
      await bus.close()
    })

    it('preserves the bytes of key and headers through dead letter and redrive', async () => {
      const { bus, options } = await openKafka(setting())
      const session = randomUUID()
      const { value } = await bus.encode('DiagnosisCancelRequested', cancel(session, 0))
      const key = Buffer.from([0xff, 0x00, ...Buffer.from(session)])
      const headers = { tried: ['1', '2'], token: Buffer.from([0xc3, 0x28]), plain: 'text', sre_attempt: '0' }
      const other = new kafkajs.Kafka({ brokers: [...options.brokers], logLevel: kafkajs.logLevel.NOTHING })
      const producer = other.producer()
      await producer.connect()
      const isFirst = (one: Received) => one.value.session_id === session && one.headers.sre_attempt === '0'
      const listener = await listen(bus, { reject: (one) => isFirst(one) && 'refused by this test' })
      await producer.send({
        topic: TOPIC,
        messages: [
          { key, value, headers },
          { key: null, value, headers },
        ],
      })
      await producer.disconnect()
      const letters = await vi.waitFor(async () => {
        const all = await Array.fromAsync(bus.browse(`${TOPIC}.assistant.dlq`), readDeadLetter)
        const found = all.filter((one) => one.value.equals(value))
        expect(found).toHaveLength(2)
        return found
      }, 60_000)
      await bus.publish(letters.map(redriven))
      const again = await vi.waitFor(() => {
        const found = listener.received.filter((one) => one.value.session_id === session && !isFirst(one))
        expect(found).toHaveLength(2)
        return found.map(({ delivery }) => delivery)
      }, 60_000)
      const raw = { headers: { tried: [Buffer.from('1'), Buffer.from('2')], token: [headers.token] } }
      expect(again.find((one) => one.key !== null)?.raw).toEqual({ key, ...raw })
      expect(again.find((one) => one.key === null)?.raw).toEqual(raw)
      for (const delivery of again) expect(delivery.headers).toMatchObject({ plain: 'text', tried: '2' })
      // the same key goes to the same partition
      const binary = listener.received.filter(({ delivery }) => delivery.raw?.key?.equals(key))
      expect(new Set(binary.map(({ delivery }) => delivery.origin.partition)).size).toBe(1)
      await bus.close()
    })

    it('stops at a bad record if the dead-letter topic is missing, names the topic, and continues once it exists', async () => {
      const { options } = await openKafka(setting())
      const topic = contract.topicOf('DiagnosisProgressed').name
      const letters = `${topic}.gateway.dlq`
      const admin = new kafkajs.Kafka({ brokers: [...options.brokers], logLevel: kafkajs.logLevel.NOTHING }).admin()
      await admin.connect()
      await admin.deleteTopics({ topics: [letters] })
      const gone = async () => expect(await admin.listTopics()).not.toContain(letters)
      await vi.waitFor(gone, { timeout: 60_000, interval: 50 })
      const bus = await createBus({ ...options, contract } as BusOptions)
      const told: string[] = []
      const received: Received[] = []
      const consumption = await bus.subscribe({
        ...{ group: `test-${randomUUID()}`, consumer: 'gateway', topics: [topic] },
        observer: {
          putAside: ({ code, origin: { topic: from } }) => told.push(`${code} of ${from}`),
          stands: (_place, reason) => told.push(reason),
          goesOn: () => told.push('goes on'),
        },
        async handle(records) {
          received.push(...records)
          return []
        },
      })
      const sessions = Array.from({ length: 24 }, () => randomUUID())
      const all = await Promise.all(sessions.map((session) => bus.encode('DiagnosisProgressed', progress(session))))
      await bus.publish([{ ...all[0]!, value: Buffer.from('nonsense') }, ...all])
      await vi.waitFor(() => expect(consumption.unhealthy()).toContain(letters), { timeout: 60_000, interval: 50 })
      expect(consumption.unhealthy()).toContain('sre topics apply')
      // other partitions are not affected, and this one continues once the topic exists
      await prepareKafkaBus({ ...options, contract }, { replicas: 1 })
      await vi.waitFor(() => expect(consumption.unhealthy()).toBeNull(), { timeout: 60_000, interval: 50 })
      await vi.waitFor(() => expect(received).toHaveLength(24), { timeout: 60_000, interval: 50 })
      expect(received.map(({ value }) => value.session_id).toSorted()).toEqual(sessions.toSorted())
      expect(told).toEqual([expect.stringContaining(`${letters} does not exist`), `bad_magic of ${topic}`, 'goes on'])
      expect(await Array.fromAsync(bus.browse(letters), readDeadLetter)).toMatchObject([{ code: 'bad_magic', key: sessions[0] }]) // prettier-ignore
      await admin.disconnect()
      await bus.close()
    })

    it('does not encode with an unregistered schema, and does not register it', async () => {
      const { options } = await openKafka(setting())
      const other = loadContract()
      const topic = other.topicOf('DiagnosisCancelRequested')
      const subject = `${randomUUID()}-value`
      const topics = other.topics.map((one) => (one === topic ? { ...topic, subject } : one))
      const strange = { ...other, topics, topicOf: () => ({ ...topic, subject }) }
      const bus = await createBus({ ...options, contract: strange } as BusOptions)
      await expect(bus.encode('DiagnosisCancelRequested', cancel('a', 0))).rejects.toMatchObject({
        code: 'unknown_schema',
        message: expect.stringContaining('sre schemas register'),
      })
      expect((await fetch(`${options.registryUrl}/subjects/${subject}/versions`)).status).toBe(404)
      await bus.close()
    })

    whileKafkaIsDown(setting)
  },
)

const progress = (session_id: string): DiagnosisProgressed => ({
  ...{ event_id: randomUUID(), session_id, sequence: 0, tenant: 'default', occurred_at: Date.now() },
  ...{ agent: 'assistant', run_id: 'a run', step: 'orient', progress: 5, message: {}, findings: [] },
})
