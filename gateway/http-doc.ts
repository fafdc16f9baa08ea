/** Writes docs/reference/http.md from openapi.yaml: `npm run docs:http`. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { readDocument, type Json, type Operation } from './document.ts'

const target = join(import.meta.dirname, '../docs/reference/http.md')
const { operations, schemas, specification } = readDocument()

/** The page, formatted with prettier as in the repository. */
export async function httpPage(): Promise<string> {
  const { description } = specification.info as { description: string }
  const source = specification.paths as Record<string, Record<string, Json>>
  const text = [
    '# HTTP API',
    'Every operation of the gateway, generated from [`gateway/openapi.yaml`](../../gateway/openapi.yaml). For authentication, limits and event streams, see [the gateway](gateway.md).',
    description,
    ...[...operations.values()].flatMap((operation) =>
      operationText(operation, source[operation.path]?.[operation.method.toLowerCase()] ?? {}),
    ),
    '## Objects',
    '**Bold** fields are required.',
    ...Object.entries(schemas).flatMap(([name, schema]) => [`### ${name}`, ...objectText(schema)]),
  ]
  return format(text.join('\n\n'), { ...(await resolveConfig(target)), parser: 'markdown' })
}

function operationText({ method, path, scopes, rateClass, parameters, requestBody }: Operation, source: Json) {
  const access =
    scopes === null ? 'Needs no token.' : `Scope: ${scopes.map(code).join(', ')}. Rate limit: ${rateClass}.`
  const body = requestBody === null ? [] : [`Body: ${typeOf(requestBody)}.`]
  return [
    `## ${method} ${path}`,
    [source.summary, source.description, access].filter(Boolean).join(' '),
    ...table(
      ['parameter', 'in', 'type', 'meaning'],
      parameters.map((one) => [
        one.required === true ? `**${code(one.name)}**` : code(one.name),
        String(one.in),
        typeOf(one.schema as Json),
        String(one.description ?? ''),
      ]),
    ),
    ...body,
    ...table(['status', 'answer', 'meaning'], Object.entries(source.responses as Record<string, Json>).map(answerRow)),
  ]
}

function answerRow([status, given]: [string, Json]): string[] {
  const response = resolved(given)
  const content = Object.entries((response.content ?? {}) as Record<string, { schema: Json }>)
  const types = content.map(([type, { schema }]) => (type === 'application/json' ? typeOf(schema) : code(type)))
  return [status, types.join(', '), String(response.description ?? '')]
}

function objectText(schema: Json): string[] {
  const told = String(schema.description ?? '')
  const rows = fieldRows(schema, '')
  if (rows.length === 0) return [`${typeOf(schema)}${told === '' ? '' : `: ${told}`}.`]
  return [...(told === '' ? [] : [told]), ...table(['field', 'type', 'meaning'], rows)]
}

/** Fields of objects without a name of their own follow their object, as `details[].field`. */
function fieldRows(schema: Json, before: string): string[][] {
  const required = new Set((schema.required ?? []) as string[])
  return Object.entries((schema.properties ?? {}) as Record<string, Json>).flatMap(([name, field]) => {
    const full = before + name
    const label = required.has(name) ? `**${code(full)}**` : code(full)
    const inner =
      field.items === undefined ? fieldRows(field, `${full}.`) : fieldRows(field.items as Json, `${full}[].`)
    return [[label, typeOf(field), String(field.description ?? '')], ...inner]
  })
}

/** In the words of JSON Schema; an object of the document is a link to it. */
function typeOf(schema: Json): string {
  if (typeof schema.$ref === 'string') {
    const name = schema.$ref.split('/').at(-1) ?? ''
    return `[${name}](#${name.toLowerCase()})`
  }
  for (const how of ['anyOf', 'oneOf', 'allOf'] as const)
    if (Array.isArray(schema[how])) return (schema[how] as Json[]).map(typeOf).join(how === 'allOf' ? ' and ' : ' or ')
  if (Array.isArray(schema.enum)) return schema.enum.map(code).join(', ')
  if ('const' in schema) return code(schema.const)
  if (schema.items !== undefined) return `array of ${typeOf(schema.items as Json)}`
  const type = [schema.type ?? 'any'].flat().join(' or ')
  const range = bounds(schema)
  return [schema.format === undefined ? type : `${type} (${String(schema.format)})`, ...range].join(', ')
}

function bounds({ minimum, maximum, minLength, maxLength, default: fallback }: Json): string[] {
  const within = (from: unknown, to: unknown, unit: string) =>
    from === undefined && to === undefined ? [] : [`${String(from ?? 0)} to ${String(to ?? '∞')}${unit}`]
  return [
    ...within(minimum, maximum, ''),
    ...within(minLength, maxLength, ' characters'),
    ...(fallback === undefined ? [] : [`default ${code(fallback)}`]),
  ]
}

function resolved(node: Json): Json {
  if (typeof node.$ref !== 'string') return node
  const path = node.$ref.replace(/^#\//, '').split('/')
  return path.reduce<Json>((at, name) => at[name] as Json, specification)
}

const code = (value: unknown): string => `\`${String(value)}\``

function table(head: readonly string[], rows: readonly string[][]): string[] {
  if (rows.length === 0) return []
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |` // prettier-ignore
  return [[line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')]
}

if (import.meta.main) writeFileSync(target, await httpPage())
