import { readdirSync, readFileSync } from 'node:fs'
import avro from 'avsc'
import { describe, expect, it } from 'vitest'
import { loadContract } from '../../schemas/contract.ts'
import { generateTypes } from '../../schemas/generate.ts'

interface Field {
  name: string
  doc?: string
  type?: unknown
}
const files = readdirSync('schemas').filter((name) => name.endsWith('.avsc'))
const read = (file: string): { name: string; doc?: string; fields: Field[] } =>
  JSON.parse(readFileSync(`schemas/${file}`, 'utf8'))

/** Every field of a schema, also of the records inside its unions, lists and maps. */
function fieldsOf(schema: unknown): Field[] {
  if (Array.isArray(schema)) return schema.flatMap(fieldsOf)
  if (typeof schema !== 'object' || schema === null) return []
  const { fields = [], type, items, values } = schema as Record<string, unknown> & { fields?: Field[] }
  return [...fields, ...fields.flatMap((field) => fieldsOf(field.type)), ...[type, items, values].flatMap(fieldsOf)]
}

describe.each(files)('%s', (file) => {
  const schema = read(file)

  it('is a valid Avro record named after its file', () => {
    avro.Type.forSchema(schema as unknown as avro.Schema)
    const kebab = schema.name.replace(/(?<!^)([A-Z])/g, '-$1').toLowerCase()
    expect(`${kebab}.avsc`).toBe(file)
  })

  it('describes the record and every field', () => {
    expect(schema.doc).toBeTruthy()
    expect(
      fieldsOf(schema)
        .filter((field) => !field.doc)
        .map((field) => field.name),
    ).toEqual([])
  })

  it('has no closed enum, so that an old reader survives a new value', () => {
    expect(JSON.stringify(schema)).not.toContain('"enum"')
  })

  it('has the fields for deduplication, order and tenant', () => {
    const names = schema.fields.map((field) => field.name)
    expect(names).toEqual(expect.arrayContaining(['event_id', 'sequence', 'tenant', 'occurred_at']))
  })
})

describe('the generated types', () => {
  it('are current', () => {
    expect(readFileSync('schemas/events.generated.ts', 'utf8')).toBe(generateTypes('schemas'))
  })
})

describe('topics.yaml', () => {
  const contract = loadContract()

  it('has one topic for every schema, keyed by a field of its record', () => {
    expect(contract.topics.map((topic) => topic.event).toSorted()).toEqual(
      files.map((file) => read(file).name).toSorted(),
    )
    for (const topic of contract.topics) {
      const { fields } = topic.schema as unknown as { fields: Field[] }
      expect(fields.map((field) => field.name)).toContain(topic.key)
    }
  })

  it('has a dead-letter topic for each topic that a consumer with dead letters reads', () => {
    const names = contract.deadLetterTopics.map((topic) => topic.name)
    expect(names).toContain('sre.diagnosis.requested.v1.assistant.dlq')
    expect(names).toContain('sre.approval.decided.v1.executor.dlq')
  })
})
