/** Requests for the document's operations: valid, nearly valid, and raw bytes. */
import type { Document, Json, Operation } from '../../../gateway/document.ts'
import type { Chance } from '../chance.ts'
import { malformed } from './malformed.ts'
import { allowed, changed, texts } from './values.ts'

export interface Request {
  /** valid by the document, so it must not be refused as malformed */
  described: boolean
  method: string
  path: string
  /** whose token it has; null: none */
  who: string | null
  /** latin1, as headers are */
  headers: Record<string, string>
  body: Buffer | null
  /** sent as is, instead of the above */
  raw: Buffer | null
}

/** Existing ids by parameter name, so that some requests find data. */
export type Known = Readonly<Record<string, readonly string[]>>

const people = ['bob', 'alice', 'root', 'control-plane']

export function requestsOf(document: Document, known: Known): (chance: Chance) => Request {
  const operations = [...document.operations.values()]
  const resolve = (ref: string): Json => document.schemas[ref.split('/').at(-1) ?? ''] ?? {}

  return function make(chance) {
    const operation = chance.pick(operations)
    const request = describedBy(operation, chance)
    if (chance.one(0.4)) return request
    if (chance.one(0.1)) return { ...request, described: false, raw: malformed(request, chance) }
    return disturbed(request, chance)
  }

  function describedBy({ method, path, parameters, requestBody, scopes }: Operation, chance: Chance): Request {
    const value = (name: unknown, schema: unknown): string => {
      const made = String(allowed(schema as Json, resolve, chance))
      const ids = known[String(name)]
      return ids === undefined ? made : chance.pick([...ids, made])
    }
    const of = (place: string) =>
      parameters.filter((one) => one.in === place && (one.required === true || chance.one(0.4)))
    const query = of('query').map(({ name, schema }) => `${String(name)}=${encoded(value(name, schema))}`)
    const headers = of('header').map(({ name, schema }) => [
      String(name),
      value(name, schema)
        .replace(/[^ -~]/g, '')
        .trim(),
    ])
    const filled = parameters
      .filter((one) => one.in === 'path')
      .reduce((text, { name, schema }) => text.replace(`{${String(name)}}`, encoded(value(name, schema))), path)
    return {
      described: true,
      method,
      path: query.length === 0 ? filled : `${filled}?${query.join('&')}`,
      who: scopes === null ? null : chance.pick(people),
      headers: Object.fromEntries(headers.filter(([, text]) => text !== '')) as Record<string, string>,
      body: requestBody === null ? null : Buffer.from(JSON.stringify(allowed(requestBody, resolve, chance))),
      raw: null,
    }
  }
}

const encoded = (text: string): string => encodeURIComponent(text.toWellFormed())

/** Makes one or more parts invalid. */
function disturbed(request: Request, chance: Chance): Request {
  let next: Request = { ...request, described: false }
  do next = { ...next, ...chance.pick(disturbances)(next, chance) }
  while (chance.one(0.3))
  return next
}

const disturbances: readonly ((request: Request, chance: Chance) => Partial<Request>)[] = [
  ({ body }, chance) => (body === null ? {} : { body: json(changed(parsed(body), chance)) }),
  ({ body }, chance) => (body === null ? {} : { body: json(changed(parsed(body), chance)) }),
  ({ body }, chance) => ({ body: bytesOf(body ?? Buffer.from('{}'), chance) }),
  ({ path }, chance) => ({ path: `${path}${path.includes('?') ? '&' : '?'}${nameOf(chance)}=${oddly(chance)}` }),
  ({ path }, chance) => ({ path: path.replace(/=[^&]*/, `=${oddly(chance)}`) }),
  ({ path }, chance) => ({ path: path.replace(/[^/?]+(?=$|\?|\/\w+$)/, oddly(chance) || '-') }),
  (_request, chance) => ({
    method: chance.pick(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY', 'PROPFIND']),
  }),
  (_request, chance) => ({ who: chance.pick([null, 'nobody', 'forged', ...people]) }),
  ({ headers }, chance) => ({ headers: { ...headers, [chance.pick(headerNames)]: latin1(chance.pick(texts)) } }),
]

const headerNames = [
  ...[
    'Idempotency-Key',
    'X-Request-ID',
    'Last-Event-ID',
    'traceparent',
    'Accept-Language',
    'Content-Type',
    'Accept',
    'Authorization',
  ],
  ...[
    'Content-Encoding',
    'Expect',
    'Upgrade',
    'Host',
    'X-HTTP-Method-Override',
    'X-Forwarded-For',
    'Cookie',
    'Origin',
    'Range',
  ],
]

const nameOf = (chance: Chance): string =>
  chance.pick([
    'page',
    'page_size',
    'service',
    'status',
    'start_time',
    'page[]',
    '__proto__',
    'constructor',
    oddly(chance),
  ])

const oddly = (chance: Chance): string =>
  chance.one(0.2)
    ? chance.pick(['%', '%E0%A4%A', '%00', '%ED%A0%80', '%2e%2e', '+', '1e400', '-0'])
    : encoded(chance.pick(texts).slice(0, 6000))

/** Characters Node's client allows: no line breaks, no NUL. */
const latin1 = (text: string): string => text.replace(/[^\t\x20-\x7e\x80-\xff]/g, '').slice(0, 12_000)

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value) ?? '')
const parsed = (body: Buffer): unknown => {
  try {
    return JSON.parse(String(body))
  } catch {
    return String(body)
  }
}

/** Bodies no JSON writer produces: cut, repeated, with invalid UTF-8, huge numbers, duplicate keys, deep nesting. */
function bytesOf(body: Buffer, chance: Chance): Buffer {
  const at = chance.below(body.length + 1)
  const text = String(body)
  return chance.pick([
    () => body.subarray(0, at),
    () => Buffer.concat([body.subarray(0, at), chance.bytes(1 + chance.below(4)), body.subarray(at)]),
    () =>
      Buffer.from(
        text.replace(/"[^"]*"(?=[,\]}])/, () => chance.pick(['1e400', '-0', '-1e400', '"\\ud800"', '"\\u0000"', '01'])),
      ),
    () => Buffer.from(text.replace('{', `{"__proto__":{"a":1},`)),
    () => Buffer.from(text.replace(/^\{(("[^"]*"):)/, '{$1null,$1')),
    () => Buffer.from(chance.pick(['[', '{"a":']).repeat(1 + chance.below(50_000))),
    () => Buffer.concat([Buffer.from('\ufeff'), body]),
    () => Buffer.alloc(chance.pick([0, 1, 262_144, 262_145, 400_000]), ' '),
    () => Buffer.from(`{"alert_ids":[${'"",'.repeat(chance.below(80_000))}""]}`),
  ])()
}
