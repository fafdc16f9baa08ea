import type { Jwks, Readiness } from '../api.generated.ts'
import type { Gateway, OpenHandler } from '../gateway.ts'
import { timeOf } from '../present/language.ts'

export const getHealth =
  ({ now, startedAt, version }: Gateway): OpenHandler<'getHealth'> =>
  async () => ({
    status: 200,
    body: { status: 'healthy', timestamp: timeOf(now()), version, uptime: (now() - startedAt) / 1000 },
  })

export const getReadiness =
  (gateway: Gateway): OpenHandler<'getReadiness'> =>
  async () => {
    const { pool, bus, sources, viewsUnhealthy } = gateway
    const checks: Readiness['checks'] = {
      postgres: await answers(() => pool.query('SELECT 1').then(() => true)),
      bus: viewsUnhealthy() === null && (await answers(async () => (await bus.health()).ok)),
    }
    const probes = Object.entries(sources) as [keyof Readiness['checks'], () => Promise<boolean>][]
    await Promise.all(probes.map(async ([name, probe]) => (checks[name] = await answers(probe))))
    const ready = checks.postgres && checks.bus
    return { status: ready ? 200 : 503, body: { ready, checks } }
  }

/** Unreachable is not healthy, and neither is slow. */
async function answers(probe: () => Promise<boolean>): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(() => resolve(false), 3000)
  probe().then(resolve, () => resolve(false))
  return promise.finally(() => clearTimeout(timer))
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
