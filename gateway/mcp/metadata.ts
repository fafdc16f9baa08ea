/** Where a client of MCP gets a token: RFC 9728, as the specification of MCP asks for. */
import type { FastifyRequest } from 'fastify'
import { baseOf } from '../base-url.ts'
import { ApiError } from '../errors.ts'
import type { Gateway, OpenHandler } from '../gateway.ts'

const SCOPES = ['sre-platform:read', 'sre-platform:diagnose']

export const getMcpResource =
  (gateway: Pick<Gateway, 'issuer' | 'publicUrl'>): OpenHandler<'getMcpResource'> =>
  async ({ request }) => ({
    status: 200,
    body: {
      resource: `${baseOf(gateway, request)}/mcp`,
      authorization_servers: [gateway.issuer],
      scopes_supported: SCOPES,
      bearer_methods_supported: ['header'],
      resource_name: 'SRE Platform',
    },
  })

/** The same authentication, whose refusals name the metadata and the scopes. */
export const challenging =
  (authenticated: (request: FastifyRequest) => Promise<void>, gateway: Pick<Gateway, 'publicUrl'>) =>
  async (request: FastifyRequest): Promise<void> => {
    try {
      await authenticated(request)
    } catch (error) {
      throw error instanceof ApiError ? challenged(error, baseOf(gateway, request)) : error
    }
  }

function challenged(error: ApiError, base: string): ApiError {
  if (error.status !== 401 && error.status !== 403) return error
  const given = error.headers['www-authenticate'] ?? 'Bearer realm="sre-platform", error="insufficient_scope"'
  const metadata = `${base}/.well-known/oauth-protected-resource/mcp`
  const challenge = `${given}, scope="${SCOPES.join(' ')}", resource_metadata="${metadata}"`
  const { code, texts, details, status } = error
  return new ApiError(code, texts, {
    ...{ cause: error, status, headers: { ...error.headers, 'www-authenticate': challenge } },
    ...(details === undefined ? {} : { details }),
  })
}
