/** Assembles the anomaly agent, the same way for the shared process and for its own. */
import { hostname } from 'node:os'
import { startAnomalyAgent, type AnomalyAgent, type AnomalyOptions } from '../agents/anomaly/anomaly.ts'
import { followExceptions } from '../agents/anomaly/follow-exceptions.ts'
import { followPolicy, type PolicyFile } from '../agents/anomaly/follow-policy.ts'
import { createAnomalyStore, forgetAnomalies } from '../agents/anomaly/store.ts'
import { startSweeping } from '../agents/runtime/retention.ts'
import { reportStatus, type ToolCheck } from '../agents/runtime/status.ts'
import type { Bus } from '../bus/bus.ts'
import { logging } from '../bus/observer.ts'
import { openPool } from '../bus/postgres/pool.ts'
import type { Contract } from '../schemas/contract.ts'

/** ms after which a frozen process no longer keeps another from watching; longer than publishing a batch may take. */
const FROZEN_MS = 30_000

/**
 * The shop is measured every second, and a round takes two at most. Its first fault comes after a baseline of 20 s, so few steps must do; its faults are
 * large.
 */
export const SHOP_TIMES = { stepMs: 1_000, latenessMs: 2_000, warmUp: 15 }

export interface WatchingOptions extends Omit<AnomalyOptions, 'store' | 'bus' | 'policy'> {
  databaseUrl: string
  bus: Bus
  contract: Contract
  /** null: there is none */
  policyFile: PolicyFile | null
  /** ms that what was published is kept */
  keepMs: number
  /** whether what it reads answers */
  checks: readonly ToolCheck[]
}

export interface Watching extends AnomalyAgent {
  /** settles when its consumer has failed permanently */
  failed: Promise<Error>
  /** why its consumer is stalled; null: it is not */
  unhealthy(): string | null
}

export async function startWatching(given: WatchingOptions): Promise<Watching> {
  const { databaseUrl, keepMs, checks, contract, policyFile, ...options } = given
  const { bus, log } = options
  const pool = openPool(
    { connectionString: databaseUrl, max: 4, idle_in_transaction_session_timeout: FROZEN_MS },
    (error) => log.warn({ error: error.message }, 'database connection lost'),
  )
  const following = await followExceptions({ bus, contract, pool, observer: logging(log) }).catch(async (error) => {
    await pool.end()
    throw error
  })
  const agent = startAnomalyAgent({
    ...options,
    store: createAnomalyStore(pool),
    policy: followPolicy(policyFile, log),
  })
  const onError = (error: unknown) => log.warn({ error: String(error) }, 'retention failed; will be retried')
  const sweeping = startSweeping({ pool, forget: forgetAnomalies(pool), keepMs, onError })
  const reporting = reportStatus({ agent: 'anomaly', owner: `${hostname()}/${process.pid}`, bus, checks, log })
  return {
    ...agent,
    ...{ failed: following.failed, unhealthy: following.unhealthy },
    async stop() {
      await Promise.all([agent.stop(), following.stop(), sweeping.stop(), reporting.stop()])
      await pool.end()
    },
  }
}
