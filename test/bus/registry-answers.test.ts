/** A registry, or another server at its address, that sends oversized answers or none. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { afterEach, expect, it } from 'vitest'
import { isOutside } from '../../bus/bus.ts'
import { createCodec } from '../../bus/codec.ts'
import { createRegistryStore, registerSchemas } from '../../bus/kafka/schema-store.ts'
import { loadContract } from '../../schemas/contract.ts'
import { diagnosisRequested } from '../events/requests.ts'

const MIB = 1024 * 1024
const contract = loadContract()
const topic = contract.topicOf('DiagnosisRequested')
const OWN = 1
const FOREIGN = 7
const closing: (() => void)[] = []
afterEach(() => closing.splice(0).forEach((close) => close()))

type Answers = (url: string, method: string) => { json: unknown; paddedTo?: number }

/** Answers in JSON, padded with spaces to a size. Counts requests and the bytes sent. */
async function registry(answers: Answers) {
  const sent = { bytes: 0, answers: 0 }
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      sent.answers += 1
      const { json, paddedTo = 0 } = answers(request.url ?? '', request.method ?? '')
      response.writeHead(200, { 'content-type': 'application/vnd.schemaregistry.v1+json' })
      // the client may disconnect before the end
      void pipeline(padded(JSON.stringify(json), paddedTo, sent), response).catch(() => undefined)
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  closing.push(() => (server.closeAllConnections(), server.close()))
  const registryUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const store = createRegistryStore({ registryUrl })
  return { registryUrl, sent, store, codec: createCodec(contract, store) }
}

function* padded(text: string, size: number, sent: { bytes: number }) {
  yield text
  const padding = Buffer.alloc(65_536, ' ')
  for (let bytes = text.length; bytes < size; bytes += padding.length) {
    sent.bytes += padding.length
    yield padding
  }
}

const schema = { schema: JSON.stringify(topic.schema) }
const delivered = (value: Buffer, id: number) => {
  const framed = Buffer.from(value)
  framed.writeUInt32BE(id, 1)
  return {
    origin: { topic: topic.name, partition: 0, offset: '0', timestamp: 0 },
    key: 'k',
    value: framed,
    headers: {},
  }
}

it('reads a schema of 1 MiB', async () => {
  const { codec } = await registry((url) => (url.startsWith('/subjects') ? { json: { id: OWN } } : { json: schema, paddedTo: MIB })) // prettier-ignore
  const { value } = await codec.encode('DiagnosisRequested', diagnosisRequested(), {})
  expect(await codec.decode(delivered(value, FOREIGN))).toMatchObject({ event: 'DiagnosisRequested' })
})

it('stops reading an oversized schema, and blames the record if the registry knows our schema', async () => {
  const { codec, sent } = await registry((url) => (url.startsWith('/subjects') ? { json: { id: OWN } } : { json: schema, paddedTo: 64 * MIB })) // prettier-ignore
  const { value } = await codec.encode('DiagnosisRequested', diagnosisRequested(), {})
  const refused = await codec.decode(delivered(value, FOREIGN)).catch((error: unknown) => error)
  expect(refused).toMatchObject({ code: 'undecodable', message: expect.stringContaining('larger than 4194304 bytes') })
  expect(isOutside(refused)).toBe(false)
  expect(sent.bytes).toBeLessThan(32 * MIB)
})

it('blames the registry if all its answers are oversized', async () => {
  const { codec, sent } = await registry(() => ({ json: { ...schema, id: OWN }, paddedTo: 64 * MIB }))
  const asked = [
    codec.decode(delivered(Buffer.alloc(16), FOREIGN)),
    codec.encode('DiagnosisRequested', diagnosisRequested(), {}),
  ]
  for (const refused of await Promise.all(asked.map((one) => one.catch((error: unknown) => error)))) {
    expect(refused).toMatchObject({
      code: 'not_prepared',
      message: expect.stringContaining('is not a schema registry'),
    })
    expect(isOutside(refused)).toBe(true)
  }
  expect(sent.bytes).toBeLessThan(96 * MIB)
})

it('asks the registry for every lookup, so that only the codec caches schemas', async () => {
  const { store, sent } = await registry(() => ({ json: schema }))
  await store.schemaOf(FOREIGN)
  await store.schemaOf(FOREIGN)
  expect(sent.answers).toBe(2)
})

it('registers a schema while somebody else has registered it and not yet set its compatibility', async () => {
  const levels = ['NONE', topic.compatibility]
  const { registryUrl } = await registry((url) => ({
    json: url.startsWith('/config') ? { compatibilityLevel: levels.shift() } : { id: OWN },
  }))
  const ids = await registerSchemas({ registryUrl }, { ...contract, topics: [topic] })
  expect(ids).toEqual(new Map([[topic.subject, OWN]]))
})

it('is unavailable if the registry accepts the connection and never answers, and the record is kept', async () => {
  const server = createServer(() => undefined)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  closing.push(() => (server.closeAllConnections(), server.close()))
  const registryUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const codec = createCodec(contract, createRegistryStore({ registryUrl, silentMs: 200 }))
  const asked = [
    codec.decode(delivered(Buffer.alloc(16), FOREIGN)),
    codec.encode('DiagnosisRequested', diagnosisRequested(), {}),
  ]
  for (const refused of await Promise.all(asked.map((one) => one.catch((error: unknown) => error)))) {
    expect(refused).toMatchObject({ code: 'unavailable', message: expect.stringContaining('no answer within 0.2 s') })
    expect(isOutside(refused)).toBe(true)
  }
})
