/** Reads `openapi.yaml`, the single source of routes, validation and types. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

/** `none`: not limited; `tool`: as the operation behind the called tool of MCP, else `read` */
export type RateClass = 'read' | 'write' | 'diagnose' | 'batch' | 'tool' | 'none'
/** classes with a limit of their own */
export type Limited = Exclude<RateClass, 'tool' | 'none'>
export type Json = { [name: string]: unknown }

export interface Operation {
  operationId: string
  method: string
  /** as OpenAPI writes it: `/approvals/{approval_id}` */
  path: string
  /** required scopes; null: public */
  scopes: readonly string[] | null
  /** GATEWAY_ALERTS_TOKEN is accepted instead of an access token */
  takesAlertsToken: boolean
  rateClass: RateClass
  /** response body schema by status and media type */
  responses: Readonly<Record<string, Readonly<Record<string, Json>>>>
  parameters: readonly Json[]
  requestBody: Json | null
  bodyRequired: boolean
}

export interface Document {
  /** the parsed document, for the router */
  specification: Json
  operations: ReadonlyMap<string, Operation>
  schemas: Readonly<Record<string, Json>>
  /** methods the document has for a concrete request path; empty if it has no such path */
  methodsAt(path: string): string[]
}

const methods = ['get', 'post', 'put', 'patch', 'delete']

/** Reads the document; throws when an operation has no id or no responses. */
export function readDocument(file = join(import.meta.dirname, 'openapi.yaml')): Document {
  const specification: Json = parse(readFileSync(file, 'utf8'))
  const resolve = (value: unknown): Json => {
    const node = value as Json
    return typeof node.$ref === 'string' ? resolve(at(specification, node.$ref)) : node
  }
  const operations = Object.entries(specification.paths as Record<string, Json>).flatMap(([path, item]) =>
    methods.filter((method) => method in item).map((method) => operationOf(method, path, item[method] as Json)),
  )

  function operationOf(method: string, path: string, source: Json): Operation {
    const security = (source.security ?? specification.security) as { oidc?: string[] }[]
    const responses = Object.entries(source.responses as Json).map(([status, response]) => {
      const content = (resolve(response).content ?? {}) as Record<string, { schema: Json }>
      return [status, Object.fromEntries(Object.entries(content).map(([type, { schema }]) => [type, schema]))] as const
    })
    const body = source.requestBody === undefined ? null : resolve(source.requestBody)
    return {
      operationId: String(source.operationId),
      method: method.toUpperCase(),
      path,
      scopes: security[0]?.oidc ?? null,
      takesAlertsToken: security.some((one) => 'alertsToken' in one),
      rateClass: (source['x-rate-limit'] as RateClass | undefined) ?? 'read',
      responses: Object.fromEntries(responses),
      parameters: ((source.parameters ?? []) as unknown[]).map(resolve),
      requestBody:
        (body?.content as Record<string, { schema: Json }> | undefined)?.['application/json']?.schema ?? null,
      bodyRequired: body?.required === true,
    }
  }

  const patterns = operations.map(({ method, path }) => ({
    method,
    pattern: new RegExp(`^${path.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}$`),
  }))
  return {
    specification,
    operations: new Map(operations.map((operation) => [operation.operationId, operation])),
    schemas: (specification.components as { schemas: Record<string, Json> }).schemas,
    methodsAt: (path) => patterns.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method),
  }
}

const at = (root: Json, pointer: string): unknown =>
  pointer
    .replace(/^#\//, '')
    .split('/')
    .reduce<unknown>((node, name) => (node as Json)[name], root)
