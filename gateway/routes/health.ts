import type { Jwks, Readiness } from '../api.generated.ts'
import type { Gateway, OpenHandler } from '../gateway.ts'
import { timeOf } from '../present/language.ts'
import { statementJwks } from '../views/statement-keys.ts'

const REMEMBERED_MS = 1000

export const getHealth =
  ({ now, startedAt, version }: Gateway): OpenHandler<'getHealth'> =>
  async () => ({
    status: 200,
    body: { status: 'healthy', timestamp: timeOf(now()), version, uptime: (now() - startedAt) / 1000 },
  })

export function getReadiness(gateway: Gateway): OpenHandler<'getReadiness'> {
  const look = remembered(() => check(gateway), REMEMBERED_MS)
  return async () => {
    const checks = await look()
    const ready = checks.postgres && checks.bus
    const why = gateway.viewsUnhealthy()
    const reasons = ready || why === null ? {} : { reasons: { bus: why } }
    return { status: ready ? 200 : 503, body: { ready, checks, ...reasons } }
  }
}

async function check({ pool, bus, sources, viewsUnhealthy }: Gateway): Promise<Readiness['checks']> {
  const checks: Readiness['checks'] = {
    postgres: await answers(() => pool.query('SELECT 1').then(() => true)),
    bus: viewsUnhealthy() === null && (await answers(async () => (await bus.health()).ok)),
  }
  const probes = Object.entries(sources) as [keyof Readiness['checks'], () => Promise<boolean>][]
  await Promise.all(probes.map(async ([name, probe]) => (checks[name] = await answers(probe))))
  return checks
}

/** The endpoint is public: probes run once at a time, and their result is cached for `ms`. */
export function remembered<T>(ask: () => Promise<T>, ms: number): () => Promise<T> {
  let last: Promise<T> | undefined
  return () => (last ??= ask().finally(() => setTimeout(() => (last = undefined), ms).unref()))
}

/** Neither unreachable nor slow counts as healthy. */
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

export const getStatementKeys =
  ({ pool }: Gateway): OpenHandler<'getStatementKeys'> =>
  async ({ reply }) => {
    reply.header('cache-control', 'public, max-age=60')
    return { status: 200, body: (await statementJwks(pool)) as Jwks }
  }
