import { Ajv2020 } from 'ajv/dist/2020.js'
import type { ErrorObject, Options, ValidateFunction } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import type { FastifyInstance, FastifyRequest, FastifySchemaCompiler } from 'fastify'
import { repeated, shortened, STOPPED } from './details.ts'
import type { Json, Operation } from './document.ts'
import { ApiError } from './errors.ts'
import { instantOf } from './instant.ts'
import { refusals } from './present/texts.ts'

/** Compiles the document's schemas (JSON Schema 2020-12). Paths, queries and headers are text and are coerced; bodies never are. */
export function createValidator(): FastifySchemaCompiler<Json> {
  const first = createAjv({ coerceTypes: false, allErrors: false })
  const every = createAjv({ coerceTypes: false, allErrors: true })
  // not strict, or `1e400` became an infinity that no maximum is held against
  const text = createAjv({ coerceTypes: true, allErrors: true, strictNumbers: false })
  return ({ schema, httpPart }) => {
    if (httpPart === 'body') return boundedly(first.compile(schema), every.compile(schema))
    return text.compile(httpPart === 'headers' ? byHeaderName(schema) : schema)
  }
}

type Validation = ReturnType<FastifySchemaCompiler<Json>>

/** values a body may have to be told all that is wrong with it; the largest the document describes has half of it */
const LOOKED_AT = 1000

/** A body stops being looked at where the first thing is wrong; only a small one is then looked at as a whole. */
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

/** Looks at no more of it than that; deep bodies too are walked without recursion. */
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

/** Headers arrive in lower case, whatever the document writes; Fastify leaves that to a compiler that is not its own. */
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
  // as the handlers read them: any time of RFC 3339, and no URN
  ajv.addFormat('date-time', (text) => !Number.isNaN(instantOf(text)))
  ajv.addFormat('uuid', /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i)
  return ajv
}

/** Fastify checks a body only where its media type is one of the document's, so no other may be read. */
export function takeJsonOnly(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text: string, done) =>
    // clients name the type of a body they do not send
    text === '' ? done(null, undefined) : parse(request, text, done),
  )
}

/** What of an operation the schemas do not check. Probes and scrapers may ask what they like of those open to all. */
export function checksBeside({ bodyRequired, parameters, scopes }: Operation) {
  const query = parameters.filter((one) => one.in === 'query').map(({ name }) => String(name))
  return [...(bodyRequired ? [requireBody] : []), ...(scopes === null ? [] : [refuseUnknownQuery(query)])]
}

/** A body that is not there is not compared with its schema. */
async function requireBody({ body }: FastifyRequest): Promise<void> {
  if (body === undefined)
    throw new ApiError('VALIDATION_ERROR', refusals.bodyNeeded, {
      details: [{ field: 'body', message: refusals.required }],
    })
}

/** A filter that is misspelt would answer with everything: what the operation does not take is refused by name. */
const refuseUnknownQuery =
  (known: readonly string[]) =>
  async ({ query, url }: FastifyRequest): Promise<void> => {
    const unknown = Object.keys(query as object).filter((name) => !known.includes(name))
    const details = isDecodable(url)
      ? shortened(unknown, (name) => ({ field: `querystring.${repeated(name)}`, message: refusals.notOneOf(known) }))
      : [{ field: 'querystring', message: refusals.notDecodable }]
    if (details.length > 0) throw new ApiError('INVALID_REQUEST', refusals.notDescribed('querystring'), { details })
  }

/** What cannot be decoded would be taken to the letter, and find nothing. */
function isDecodable(url: string): boolean {
  try {
    return decodeURIComponent(url) !== ''
  } catch {
    return false
  }
}
