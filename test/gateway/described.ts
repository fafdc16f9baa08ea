/** Checks responses against the API document: they must match it exactly. */
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { expect } from 'vitest'
import { readDocument } from '../../gateway/document.ts'
import type { Json, Operation } from '../../gateway/document.ts'

interface Described {
  status: number
  headers: Record<string, unknown>
  body: unknown
}

const document = readDocument()
const ajv = new Ajv2020({ strict: false, allErrors: true })
formats.default(ajv)
ajv.addSchema({ $id: 'api', ...document.specification })

const pathOf = ({ path }: Operation): RegExp => new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`)
const operations = [...document.operations.values()].map((operation) => ({ ...operation, pattern: pathOf(operation) }))

/** The operation of this method and URL; undefined if the document has none. */
export const operationAt = (method: string, url: string): Operation | undefined =>
  operations.find((one) => one.method === method && one.pattern.test(url.split('?')[0] ?? ''))

/** The status must be listed for the operation, and the body must match its schema, without extra fields. */
export function expectDescribed(method: string, url: string, { status, headers, body }: Described): void {
  expect(headers['x-request-id'], `${method} ${url} ${status} without a request id`).toBeDefined()
  const operation = operationAt(method, url)
  const content = operation === undefined ? errorContent : operation.responses[status]
  expect(content, `${method} ${url} answers ${status}, which the document does not name`).toBeDefined()
  const type = String(headers['content-type']).split(';')[0] ?? ''
  const schema = content?.[type]
  expect(schema, `${method} ${url} ${status} answers ${type}`).toBeDefined()
  if (type === 'application/json') expectToFit(schema, body, `${method} ${url} ${status}`)
}

/** A server-sent event's data must match the schema for its name. */
export function expectDescribedEvent(name: string, data: unknown): void {
  const schema = streamed[name]
  expect(schema, `the stream tells ${name}, which the document does not name`).toBeDefined()
  expectToFit(schema, data, `the event ${name}`)
}

const errorContent: Operation['responses'][string] = { 'application/json': { $ref: '#/components/schemas/Error' } }

/** The events of all streams, by name. */
const streamed: Record<string, Json> = Object.fromEntries(
  Object.values(
    (document.specification as { paths: Record<string, { get?: { 'x-events'?: Record<string, Json> } }> }).paths,
  ).flatMap(({ get }) => Object.entries(get?.['x-events'] ?? {})),
)

function expectToFit(schema: Json | undefined, value: unknown, what: string): void {
  const pointed = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"api#/'))
  const valid = ajv.validate(pointed, value)
  expect(valid ? [] : ajv.errors, what).toEqual([])
}
