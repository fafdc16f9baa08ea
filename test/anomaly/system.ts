/** An agent that watches a made-up system in a time that runs as fast as it reads, on a real database and its bus. */
import type { Pool } from 'pg'
import { onTestFinished, vi } from 'vitest'
import type { Sample } from '../../analysis/watch/watched.ts'
import { type AnomalyAgent, type AnomalyOptions, startAnomalyAgent } from '../../agents/anomaly/anomaly.ts'
import { NEVER, type Policy } from '../../agents/anomaly/policy.ts'
import type { Source } from '../../agents/anomaly/source.ts'
import { type AnomalyStore, createAnomalyStore, prepareAnomalies } from '../../agents/anomaly/store.ts'
import type { ControlPlaneTool, Resource } from '../../agents/tools/tools.ts'
import type { Bus } from '../../bus/bus.ts'
import { createBus, preparePostgresBus } from '../../bus/create.ts'
import { openPool } from '../../bus/postgres/pool.ts'
import { createLog } from '../../cli/log.ts'
import type { AnomalyDetected, DiagnosisRequested, ForecastProduced } from '../../schemas/events.generated.ts'
import { singleTenant } from '../../tenants/tenants.ts'
import { contract } from '../bus/bench.ts'
import { type Measure, samplesAt, START, STEP } from '../analysis/watch/shop.ts'
import { createDatabase } from '../servers/postgres.ts'

type Announced = AnomalyDetected | ForecastProduced | DiagnosisRequested

export interface Place {
  store: AnomalyStore
  bus: Bus
  pool: Pool
  start(
    given: Partial<Omit<AnomalyOptions, 'policy'>> & {
      policy?: Policy
      measures: readonly Measure[]
      fails?: (step: number, service: string) => boolean
      isListed?: (step: number) => boolean
    },
  ): AnomalyAgent
  /** the time of the agents; each reading is a step */
  step(): number
  /** events by id, in the order of their first arrival; `copies`: all that arrived */
  announced(): AnomalyDetected[]
  forecast(): ForecastProduced[]
  asked(): DiagnosisRequested[]
  copies(): number
  /** waits until this many steps have passed */
  until(step: number): Promise<void>
}

const resource = (service: string, depends: string[]): Resource => ({ service_name: service, namespace: 'shop', image_tag: null, replicas: null, depends_on: depends }) // prettier-ignore

const SHOP = [{ service: 'front', calls: ['cart'] }, { service: 'cart', calls: ['store'] }, { service: 'store' }, { service: 'mail' }] // prettier-ignore

/** A control-plane that knows these services. */
export const listing = (services: { service: string; calls?: string[] }[], isListed = () => true): ControlPlaneTool => {
  const resources = services.map(({ service, calls = [] }) => resource(service, calls))
  const about = { tool: 'control-plane', operation: 'resources', query: '', range: null, link: null, warnings: [], incomplete: false, durationMs: 0 } // prettier-ignore
  return {
    resources: async () =>
      isListed()
        ? { ...about, status: 'ok', summary: '', data: resources }
        : { ...about, status: 'failed', summary: '', error: 'connection refused', data: null },
  } as unknown as ControlPlaneTool
}

export async function place(): Promise<Place> {
  const database = await createDatabase('anomaly')
  await preparePostgresBus(database.url, contract)
  await prepareAnomalies(database.url)
  const bus = await createBus({ kind: 'postgres', databaseUrl: database.url, contract })
  const pool = openPool({ connectionString: database.url, max: 5 })
  const events = new Map<string, Announced>()
  let copies = 0
  const consumption = await bus.subscribe({
    group: 'test',
    consumer: 'gateway',
    topics: ['AnomalyDetected', 'ForecastProduced', 'DiagnosisRequested'].map(
      (event) => contract.topicOf(event as 'AnomalyDetected').name,
    ),
    handle: async (records) => {
      for (const { value } of records) {
        copies += 1
        const event = value as Announced
        if (!events.has(event.event_id)) events.set(event.event_id, event)
      }
      return []
    },
  })
  const agents: AnomalyAgent[] = []
  onTestFinished(async () => {
    await Promise.all(agents.map((agent) => agent.stop()))
    await consumption.stop()
    await bus.close()
    await pool.end()
    await database.drop()
  })
  let step = 0
  const store = createAnomalyStore(pool)
  return {
    ...{ store, bus, pool },
    step: () => step,
    start({ measures, policy = NEVER, fails = () => false, isListed = () => true, ...given }) {
      const source: Source = {
        async read(targets, { start, end }) {
          if (targets.every(({ service }) => fails(step, service))) {
            step += 1
            return { samples: [], failures: targets.map(({ service }) => ({ service, why: 'connection refused' })) }
          }
          const steps = Array.from({ length: (end - start) / STEP }, (_, index) => (start - START) / STEP + index + 1)
          const names = new Set(targets.map(({ service }) => service))
          const samples: Sample[] = steps.flatMap((one) => (one < 0 ? [] : samplesAt(one, measures)))
          step = Math.max(step, (end - START) / STEP + 1)
          return { samples: samples.filter(({ service }) => names.has(service)), failures: [] }
        },
      }
      const agent = startAnomalyAgent({
        ...{ source, store, bus, tenants: singleTenant, policy: () => policy, requestedBy: 'sre|sre-anomaly' },
        controlPlane: listing(SHOP, () => isListed(step)),
        log: createLog({ level: 'silent' }),
        ...{ stepMs: STEP, latenessMs: 0, clock: () => START + step * STEP },
        ...given,
      })
      agents.push(agent)
      return agent
    },
    announced: () => [...events.values()].filter((one): one is AnomalyDetected => 'anomaly_id' in one),
    forecast: () => [...events.values()].filter((one): one is ForecastProduced => 'forecast_id' in one),
    asked: () => [...events.values()].filter((one): one is DiagnosisRequested => 'requested_by' in one),
    copies: () => copies,
    until: (wanted) => vi.waitUntil(() => step >= wanted, { timeout: 60_000, interval: 20 }).then(() => undefined),
  }
}
