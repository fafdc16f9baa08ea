import { Ajv2020 } from 'ajv/dist/2020.js'
import type { Options } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import type { FastifySchemaCompiler } from 'fastify'
import type { Json } from './document.ts'

/** Compiles the document's schemas (JSON Schema 2020-12). Paths, queries and headers are text and are coerced; bodies never are. */
export function createValidator(): FastifySchemaCompiler<Json> {
  const body = createAjv({ coerceTypes: false })
  const text = createAjv({ coerceTypes: true })
  return ({ schema, httpPart }) => (httpPart === 'body' ? body : text).compile(schema)
}

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
