/** A hostile gateway and issuer: every string in every answer, field names included, contains control sequences. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Json, readDocument } from '../../gateway/document.ts'

/** Control sequences, invisible characters and a forged line. */
export const HOSTILE =
  'evil\x1b[2J\x1b[H\x1b]0;title\x07\x1b[31m\r\nAll systems normal\x9b1m\x7f\b\u202egnp\u2066\u200b\u2028\u2029\u061c\ufeff\u{e0041}\x00end'

const document = readDocument()
const events = (document.specification as { paths: Record<string, { get: { 'x-events': Record<string, Json> } }> }).paths['/api/v1/diagnostics/{session_id}/events']!.get['x-events'] // prettier-ignore

export async function startHostileGateway() {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '', 'http://localhost').pathname
    if (path.includes('/refused')) return void response.writeHead(418).end(HOSTILE)
    const operation = [...document.operations.values()].find(
      (one) => one.method === request.method && matches(one.path, path),
    )
    if (operation === undefined) return void response.writeHead(404, json).end(JSON.stringify(anyOf(document.schemas['Error']!))) // prettier-ignore
    const [status, content = {}] = Object.entries(operation.responses).find(([code]) => code.startsWith('2')) ?? []
    const schema = content['application/json']
    if (schema !== undefined) return void response.writeHead(Number(status), json).end(JSON.stringify(anyOf(schema)))
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const frames = Object.entries(events).map(([name, of]) => `event: ${name}\ndata: ${JSON.stringify(anyOf(of))}\n\n`)
    response.end(frames.join(''))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, stop: () => new Promise((resolve) => server.close(resolve)) }
}

const json = { 'content-type': 'application/json' }

const matches = (template: string, path: string): boolean =>
  new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`).test(path)

/** A value of this schema whose strings are all hostile, ignoring formats and enumerations. */
export function anyOf(schema: Json): unknown {
  const {
    $ref,
    allOf,
    oneOf,
    anyOf: any,
    type,
    properties,
    items,
    additionalProperties,
  } = schema as {
    $ref?: string
    allOf?: Json[]
    oneOf?: Json[]
    anyOf?: Json[]
    type?: string | string[]
    properties?: Record<string, Json>
    items?: Json
    additionalProperties?: Json | boolean
  }
  if ($ref !== undefined) return anyOf(document.schemas[$ref.split('/').at(-1) ?? ''] ?? {})
  if (allOf !== undefined) return Object.assign({}, ...allOf.map(anyOf))
  const [first] = oneOf ?? any ?? []
  if (first !== undefined) return anyOf(first)
  const kind = Array.isArray(type) ? type.find((one) => one !== 'null') : type
  if (kind === 'array') return [anyOf(items ?? {})]
  if (kind === 'number' || kind === 'integer') return 1
  if (kind === 'boolean') return true
  if (kind !== 'object' && properties === undefined) return HOSTILE
  const named = Object.fromEntries(Object.entries(properties ?? {}).map(([name, of]) => [name, anyOf(of)]))
  if (typeof additionalProperties === 'object') return { ...named, [HOSTILE]: anyOf(additionalProperties) }
  return properties === undefined ? { ...named, [HOSTILE]: HOSTILE } : named
}
