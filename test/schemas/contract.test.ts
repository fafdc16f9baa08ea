import { readdirSync, readFileSync } from 'node:fs'
import avro from 'avsc'
import { describe, expect, it } from 'vitest'

interface Field {
  name: string
  doc?: string
}
const files = readdirSync('schemas').filter((name) => name.endsWith('.avsc'))
const read = (file: string): { name: string; doc?: string; fields: Field[] } =>
  JSON.parse(readFileSync(`schemas/${file}`, 'utf8'))

describe.each(files)('%s', (file) => {
  const schema = read(file)

  it('is a valid Avro record named after its file', () => {
    avro.Type.forSchema(schema as unknown as avro.Schema)
    const kebab = schema.name.replace(/(?<!^)([A-Z])/g, '-$1').toLowerCase()
    expect(`${kebab}.avsc`).toBe(file)
  })

  it('says what the record and every field mean', () => {
    expect(schema.doc).toBeTruthy()
    expect(schema.fields.filter((field) => !field.doc).map((field) => field.name)).toEqual([])
  })

  it('carries the fields by which every reader recognises, orders and separates records', () => {
    const names = schema.fields.map((field) => field.name)
    expect(names).toEqual(expect.arrayContaining(['event_id', 'sequence', 'tenant', 'occurred_at']))
  })
})
