/** The checks of the document's operations, for callers inside the process: exactly those that a route makes of a request. */
import type { FastifySchema, RouteOptions } from 'fastify'
import { detailsOf } from './details.ts'
import type { Json } from './document.ts'
import { ApiError } from './errors.ts'
import { refusals } from './present/texts.ts'
import { createValidator } from './validation.ts'

const PARTS = ['params', 'querystring', 'body'] as const
type Part = (typeof PARTS)[number]
export type Given = Partial<Record<Part, Json>>

export interface Checks {
  /** a hook for `onRoute` */
  learn(route: RouteOptions): void
  /** The input, in which defaults are set. Throws `ApiError` with what is wrong, by field. `called`: what the caller calls a part. */
  check(operationId: string, given: Given, called?: Partial<Record<Part, string>>): Record<Part, Json>
}

type Validate = ReturnType<ReturnType<typeof createValidator>>

export function createChecks(): Checks {
  const schemas = new Map<string, FastifySchema>()
  const compiled = new Map<string, Validate>()
  const compile = createValidator()

  function validatorOf(operationId: string, part: Part): Validate | null {
    const known = compiled.get(`${operationId} ${part}`)
    if (known !== undefined) return known
    const schema = schemaOf(schemas.get(operationId), part)
    if (schema === null) return null
    const validate = compile({ schema, method: '', url: '', httpPart: part })
    compiled.set(`${operationId} ${part}`, validate)
    return validate
  }

  return {
    learn({ config, schema }) {
      const { operationId } = (config ?? {}) as { operationId?: string }
      if (operationId !== undefined && schema !== undefined) schemas.set(operationId, schema)
    },
    check(operationId, given, called = {}) {
      if (!schemas.has(operationId)) throw new Error(`${operationId} has no route`)
      const input = { params: {}, querystring: {}, ...given } as Record<Part, Json>
      for (const part of PARTS) {
        const validate = validatorOf(operationId, part)
        if (validate === null || validate(input[part]) === true) continue
        throw new ApiError(part === 'body' ? 'VALIDATION_ERROR' : 'INVALID_REQUEST', refusals.notDescribed(part), {
          details: detailsOf(called[part] ?? part, validate.errors ?? []),
        })
      }
      return input
    },
  }
}

/** Fastify keeps the schema of a body by its media type. */
function schemaOf(schema: FastifySchema | undefined, part: Part): Json | null {
  const found = schema?.[part] as Json | undefined
  if (found === undefined) return null
  const content = found.content as Record<string, { schema: Json }> | undefined
  return content?.['application/json']?.schema ?? found
}
