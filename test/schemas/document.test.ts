import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ASYNCAPI, documents } from '../../schemas/document/generate.ts'
import { contract } from '../bus/bench.ts'

interface Parsed {
  document?: {
    version(): string
    channels(): { all(): { address(): string }[] }
    messages(): { all(): { name(): string; payload(): { properties(): object } }[] }
  }
  diagnostics: { severity: number; code: string; message: string; path: unknown[] }[]
}
interface Parser {
  registerSchemaParser(parser: unknown): void
  parse(text: string, options: { source: string }): Promise<Parsed>
}

const load = createRequire(import.meta.url)
const { Parser } = load('@asyncapi/parser') as { Parser: new () => Parser }
const { AvroSchemaParser } = load('@asyncapi/avro-schema-parser') as { AvroSchemaParser(): unknown }

function parse(text: string): Promise<Parsed> {
  const parser = new Parser()
  parser.registerSchemaParser(AvroSchemaParser())
  return parser.parse(text, { source: ASYNCAPI })
}
const text = readFileSync(ASYNCAPI, 'utf8')

describe('the reference of events', () => {
  it('is up to date with topics.yaml and the schemas', async () => {
    for (const [file, made] of await documents())
      expect(readFileSync(file, 'utf8') === made, `${basename(file)}: run npm run asyncapi:generate`).toBe(true)
  })

  it('is a valid AsyncAPI 3.1 document with every topic, and the fields of every event', async () => {
    const { document, diagnostics } = await parse(text)
    expect(diagnostics).toEqual([])
    expect(document?.version()).toBe('3.1.0')
    const addresses = document
      ?.channels()
      .all()
      .map((channel) => channel.address())
    expect(addresses).toEqual([...contract.topics.map(({ name }) => name), '{topic}.{consumer}.dlq'])
    const fields = new Map(document?.messages().all().map((one) => [one.name(), Object.keys(one.payload().properties())])) // prettier-ignore
    for (const { event, schema } of contract.topics) {
      const { fields: named } = Object(schema) as { fields: { name: string }[] }
      expect(fields.get(event), event).toEqual(named.map(({ name }) => name))
    }
  }, 60_000)

  it('is checked by a parser that rejects a wrong one', async () => {
    const wrong = await parse(text.replace('action: send', 'action: sends'))
    expect(wrong.diagnostics.filter(({ severity }) => severity === 0)).not.toEqual([])
    const lost = await parse(text.replace('schemas/diagnosis-requested.avsc', 'schemas/no-such.avsc'))
    expect(lost.diagnostics.filter(({ severity }) => severity === 0)).not.toEqual([])
  }, 60_000)
})
