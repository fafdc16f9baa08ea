/** The anomaly agent as a process that a test may kill. It watches a Prometheus, and in its time it is always the same moment. */
import pino from 'pino'
import { startAnomalyAgent } from '../../agents/anomaly/anomaly.ts'
import { followPolicy, openPolicy } from '../../agents/anomaly/follow-policy.ts'
import { polling } from '../../agents/anomaly/source.ts'
import { createAnomalyStore } from '../../agents/anomaly/store.ts'
import { createHttp } from '../../agents/tools/http.ts'
import { prometheusMetrics } from '../../agents/tools/prometheus/prometheus.ts'
import { withoutControlPlane } from '../../agents/tools/without-control-plane.ts'
import { type BusOptions, createBus } from '../../bus/create.ts'
import { openPool } from '../../bus/postgres/pool.ts'
import { loadContract } from '../../schemas/contract.ts'
import { singleTenant } from '../../tenants/tenants.ts'
import type { WithoutContract } from '../runtime/counting.ts'

export interface WatchingProcess {
  databaseUrl: string
  bus: WithoutContract<BusOptions>
  prometheusUrl: string
  /** path of a policy.yaml */
  policy: string
  /** ms since the epoch */
  now: number
}

const options = JSON.parse(process.env['WATCHING_PROCESS'] ?? '{}') as WatchingProcess
const contract = loadContract()
const http = createHttp({ baseUrl: options.prometheusUrl, timeoutMs: 20_000 })
const log = pino({ level: 'error' }, pino.destination(2))
startAnomalyAgent({
  store: createAnomalyStore(openPool({ connectionString: options.databaseUrl, max: 4 })),
  bus: await createBus({ ...options.bus, contract } as BusOptions),
  source: polling({ metrics: prometheusMetrics({ http }) }),
  controlPlane: withoutControlPlane({ http, mapping: {} }),
  tenants: singleTenant,
  policy: followPolicy(openPolicy(options.policy), log),
  requestedBy: 'sre-platform|anomaly',
  log,
  latenessMs: 0,
  leaseMs: 500,
  clock: () => options.now,
})
