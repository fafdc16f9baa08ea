import { readinessOf } from '../../health/readiness.ts'
import type { Jwks } from '../api.generated.ts'
import type { Gateway, OpenHandler, Source } from '../gateway.ts'
import { timeOf } from '../present/language.ts'
import { statementJwks } from '../../bus/statements/keys.ts'

export const getHealth =
  ({ now, startedAt, version }: Gateway): OpenHandler<'getHealth'> =>
  async () => ({
    status: 200,
    body: { status: 'healthy', timestamp: timeOf(now()), version, uptime: (now() - startedAt) / 1000 },
  })

export function getReadiness(gateway: Gateway): OpenHandler<'getReadiness'> {
  const ready = readinessOf<Source>({ ...gateway, unhealthy: gateway.viewsUnhealthy })
  return async () => {
    const told = await ready()
    return { status: told.ready ? 200 : 503, body: told }
  }
}

export const getMetrics =
  ({ metrics }: Gateway): OpenHandler<'getMetrics'> =>
  async ({ reply }) => {
    reply.type(metrics.registry.contentType)
    return { status: 200, body: await metrics.registry.metrics() }
  }

export const getDecisionKeys =
  ({ decisions }: Gateway): OpenHandler<'getDecisionKeys'> =>
  async ({ reply }) => {
    reply.header('cache-control', 'public, max-age=60')
    return { status: 200, body: decisions.keys.jwks() as Jwks }
  }

export const getStatementKeys =
  ({ pool }: Gateway): OpenHandler<'getStatementKeys'> =>
  async ({ reply }) => {
    reply.header('cache-control', 'public, max-age=60')
    return { status: 200, body: (await statementJwks(pool)) as Jwks }
  }
