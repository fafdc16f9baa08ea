/** What is published to Kafka is compressed, unless it is small or too large for the topic in any case. */
import { randomUUID } from 'node:crypto'
import kafkajs from 'kafkajs'
import { beforeAll, expect, it } from 'vitest'
import type { BusOptions } from '../../bus/create.ts'
import { createBus, prepareKafkaBus } from '../../bus/create.ts'
import { kafka } from '../servers/kafka.ts'
import { cancel, contract, listen, TOPIC } from './bench.ts'

const GZIP = kafkajs.CompressionTypes.GZIP
interface Codec {
  compress(encoder: { buffer: Buffer }): Promise<Buffer>
  decompress(bytes: Buffer): Promise<Buffer>
}
const codecs = kafkajs.CompressionCodecs as unknown as Record<number, () => Codec>

let options: BusOptions
/** bytes before and after the compression of each batch that was published, and after the decompression of each that was read */
const seen = { plain: [] as number[], compressed: [] as number[], read: [] as number[] }
beforeAll(async () => {
  const { brokers, registryUrl } = await kafka()
  options = { kind: 'kafka', brokers, registryUrl, contract }
  await prepareKafkaBus(options, { replicas: 1 })
  const own = codecs[GZIP]!()
  codecs[GZIP] = () => ({
    async compress(encoder) {
      const compressed = await own.compress(encoder)
      seen.plain.push(encoder.buffer.length)
      seen.compressed.push(compressed.length)
      return compressed
    },
    async decompress(bytes) {
      const plain = await own.decompress(bytes)
      seen.read.push(plain.length)
      return plain
    },
  })
}, 300_000)

const sum = (all: readonly number[]) => all.reduce((total, one) => total + one, 0)

it('compresses a large batch, which is read as it was published', async () => {
  const bus = await createBus(options)
  const session = randomUUID()
  const listener = await listen(bus)
  const events = await Promise.all(Array.from({ length: 200 }, (_, at) => bus.encode('DiagnosisCancelRequested', cancel(session, at)))) // prettier-ignore
  await bus.publish(events)
  const read = await listener.of(session, events.length)
  expect(read.map(({ value }) => value.sequence)).toEqual(events.map((_, at) => at))
  expect(sum(seen.plain)).toBeGreaterThan(sum(events.map(({ value }) => value.length)))
  expect(sum(seen.compressed)).toBeLessThan(sum(seen.plain) / 2)
  expect(seen.read).toEqual(expect.arrayContaining(seen.plain))
  await bus.close()
})

it('does not compress a small batch, or a record that is too large, and so refuses it as before', async () => {
  const bus = await createBus(options)
  const before = seen.plain.length
  const small = await bus.encode('DiagnosisCancelRequested', cancel(randomUUID(), 0))
  await bus.publish([small])
  const large = { ...small, topic: TOPIC, value: Buffer.alloc(2 * 1024 * 1024) }
  await expect(bus.publish([large])).rejects.toMatchObject({ code: 'too_large' })
  expect(seen.plain).toHaveLength(before)
  await bus.close()
})
