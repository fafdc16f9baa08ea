import { Ajv2020 } from 'ajv/dist/2020.js'
import type { ErrorObject, Options, ValidateFunction } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import type { FastifyInstance, FastifyRequest, FastifySchemaCompiler } from 'fastify'
import { repeated, shortened, STOPPED } from './details.ts'
import type { Json, Operation } from './document.ts'
import { ApiError } from './errors.ts'
import { instantOf } from './instant.ts'
import { refusals } from './present/texts.ts'

/** Compiles the document's schemas (JSON Schema 2020-12). Path, query and header values are text and are coerced; bodies are not. */
export function createValidator(): FastifySchemaCompiler<Json> {
  const first = createAjv({ coerceTypes: false, allErrors: false })
  const every = createAjv({ coerceTypes: false, allErrors: true })
  // no strict numbers: with them, `1e400` becomes Infinity and passes every maximum
  const text = createAjv({ coerceTypes: true, allErrors: true, strictNumbers: false })
  return ({ schema, httpPart }) => {
    if (httpPart === 'body') return boundedly(first.compile(schema), every.compile(schema))
    return text.compile(httpPart === 'headers' ? byHeaderName(schema) : schema)
  }
}

type Validation = ReturnType<FastifySchemaCompiler<Json>>

/** Most values of a body for which all errors are reported; the largest the document describes has half as many. */
const LOOKED_AT = 1000

/** Validation stops at the first error; only small bodies are then checked for all errors. */
function boundedly(first: ValidateFunction, every: ValidateFunction): Validation {
  const validate: Validation = (body: unknown) => {
    const valid = first(body)
    if (valid) validate.errors = null
    else if (hasMoreValuesThan(LOOKED_AT, body)) validate.errors = [...(first.errors ?? []).slice(0, 1), stopped]
    else validate.errors = (every(body) ? first : every).errors ?? []
    return valid
  }
  return validate
}

const stopped: ErrorObject = { keyword: STOPPED, instancePath: '', schemaPath: '', params: {} }

/** Counts no further than `most`, without recursion. */
function hasMoreValuesThan(most: number, body: unknown): boolean {
  const waiting = [body]
  for (let seen = 0; waiting.length > 0; seen++) {
    const value = waiting.pop()
    if (seen === most) return true
    if (typeof value !== 'object' || value === null) continue
    for (const name in value) {
      if (waiting.length > most) return true
      waiting.push((value as Json)[name])
    }
  }
  return false
}

/** Header names arrive in lower case, so the schema's names must be too; Fastify does this for its own compiler only. */
const byHeaderName = ({ properties, required, ...schema }: Json): Json => ({
  ...schema,
  properties: mapNames(properties as Json),
  required: ((required ?? []) as string[]).map((name) => name.toLowerCase()),
})

const mapNames = (properties: Json): Json =>
  Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name.toLowerCase(), schema]))

function createAjv(options: Options): Ajv2020 {
  // an unknown field is an error, never dropped
  const ajv = new Ajv2020({
    ...options,
    useDefaults: true,
    removeAdditional: false,
    strict: true,
    strictTypes: false,
    strictRequired: false,
  })
  formats.default(ajv)
  // the formats the handlers accept: any RFC 3339 time, and no URN
  ajv.addFormat('date-time', (text) => !Number.isNaN(instantOf(text)))
  ajv.addFormat('uuid', /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i)
  return ajv
}

/** Fastify validates a body only if its media type is in the document, so no other type is accepted. */
export function takeJsonOnly(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text: string, done) =>
    // some clients send a content type without a body
    text === '' ? done(null, undefined) : parse(request, text, done),
  )
}

/** Checks the schemas do not cover. Public operations accept any query, because probes and scrapers add their own. */
export function checksBeside({ bodyRequired, parameters, scopes }: Operation) {
  const query = parameters.filter((one) => one.in === 'query').map(({ name }) => String(name))
  return [...(bodyRequired ? [requireBody] : []), ...(scopes === null ? [] : [refuseUnknownQuery(query)])]
}

/** Fastify does not validate a missing body. */
async function requireBody({ body }: FastifyRequest): Promise<void> {
  if (body === undefined)
    throw new ApiError('VALIDATION_ERROR', refusals.bodyNeeded, {
      details: [{ field: 'body', message: refusals.required }],
    })
}

/** A misspelt filter would return everything, so unknown query parameters are refused by name. */
const refuseUnknownQuery =
  (known: readonly string[]) =>
  async ({ query, url }: FastifyRequest): Promise<void> => {
    const unknown = Object.keys(query as object).filter((name) => !known.includes(name))
    const details = isDecodable(url)
      ? shortened(unknown, (name) => ({ field: `querystring.${repeated(name)}`, message: refusals.notOneOf(known) }))
      : [{ field: 'querystring', message: refusals.notDecodable }]
    if (details.length > 0) throw new ApiError('INVALID_REQUEST', refusals.notDescribed('querystring'), { details })
  }

/** Undecodable percent-encoding would be taken literally and find nothing. */
function isDecodable(url: string): boolean {
  try {
    return decodeURIComponent(url) !== ''
  } catch {
    return false
  }
}
