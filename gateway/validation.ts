import { Ajv2020 } from 'ajv/dist/2020.js'
import type { Options } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import type { FastifyInstance, FastifyRequest, FastifySchemaCompiler } from 'fastify'
import type { Json, Operation } from './document.ts'
import { ApiError } from './errors.ts'
import { refusals } from './present/texts.ts'

/** Compiles the document's schemas (JSON Schema 2020-12). Paths, queries and headers are text and are coerced; bodies never are. */
export function createValidator(): FastifySchemaCompiler<Json> {
  const body = createAjv({ coerceTypes: false })
  const text = createAjv({ coerceTypes: true })
  return ({ schema, httpPart }) => {
    if (httpPart === 'body') return body.compile(schema)
    return text.compile(httpPart === 'headers' ? byHeaderName(schema) : schema)
  }
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
  // an unknown field is an error, never dropped; a body may list everything that is wrong, its size is limited
  const ajv = new Ajv2020({
    ...options,
    useDefaults: true,
    removeAdditional: false,
    allErrors: true,
    strict: true,
    strictTypes: false,
    strictRequired: false,
  })
  formats.default(ajv)
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
  async ({ query }: FastifyRequest): Promise<void> => {
    const unknown = Object.keys(query as object).filter((name) => !known.includes(name))
    if (unknown.length === 0) return
    const details = unknown.map((name) => ({ field: `querystring.${name}`, message: refusals.notOneOf(known) }))
    throw new ApiError('INVALID_REQUEST', refusals.notDescribed('querystring'), { details })
  }
