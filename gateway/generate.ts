/** Generates `api.generated.ts` from `openapi.yaml`: one type per schema, and the input and responses of each operation. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { compile } from 'json-schema-to-typescript'
import type { JSONSchema } from 'json-schema-to-typescript'
import { format, resolveConfig } from 'prettier'
import { readDocument } from './document.ts'
import type { Document, Json, Operation } from './document.ts'

const target = join(import.meta.dirname, 'api.generated.ts')

/** The generated module's source, formatted. */
export async function generateTypes(document: Document): Promise<string> {
  const { schemas, operations } = document
  const root = {
    title: 'Api',
    ...exact({
      schemas: exact(mapValues(schemas, (_schema, name) => ({ $ref: `#/definitions/${name}` }))),
      operations: exact(Object.fromEntries([...operations].map(([id, operation]) => [id, operationSchema(operation)]))),
    }),
    definitions: schemas,
  }
  const pointed = JSON.parse(JSON.stringify(root).replaceAll('#/components/schemas/', '#/definitions/'), simplify)
  const options = { bannerComment: '', format: false, additionalProperties: false, ignoreMinAndMaxItems: true }
  const code = await compile(pointed as JSONSchema, 'Api', options)
  const banner = '// Generated from openapi.yaml beside it by `npm run gateway:generate`.\n\n'
  return format(banner + code, { ...(await resolveConfig(target)), parser: 'typescript' })
}

/** Drops "at least one of these fields": TypeScript cannot express it usefully, and the validator checks it. */
const simplify = (key: string, value: unknown): unknown =>
  key === 'anyOf' && (value as Json[]).every((choice) => Object.keys(choice).join() === 'required') ? undefined : value

function operationSchema({ parameters, requestBody, responses }: Operation): Json {
  const located = (place: string): Json => {
    const chosen = parameters.filter((parameter) => parameter.in === place)
    const known = (parameter: Json) => parameter.required === true || 'default' in (parameter.schema as Json)
    return {
      ...exact(Object.fromEntries(chosen.map((parameter) => [String(parameter.name).toLowerCase(), parameter.schema]))),
      required: chosen.filter(known).map((parameter) => String(parameter.name).toLowerCase()),
    }
  }
  return exact({
    params: located('path'),
    query: located('query'),
    headers: located('header'),
    body: requestBody ?? { type: 'null' },
    responses: exact(mapValues(responses, (content) => Object.values(content)[0] ?? { type: 'null' })),
  })
}

const exact = (properties: Json): Json => ({
  type: 'object',
  additionalProperties: false,
  required: Object.keys(properties),
  properties,
})

const mapValues = <V>(record: Readonly<Record<string, V>>, change: (value: V, name: string) => Json): Json =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value, name)]))

if (import.meta.main) writeFileSync(target, await generateTypes(readDocument()))
