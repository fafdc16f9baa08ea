import { Counter, Gauge, type Registry } from 'prom-client'
import type { Band } from '../../analysis/watch/watched.ts'
import type { AnomalyAgent } from './anomaly.ts'
import type { Chosen } from './chosen.ts'

export function countKeptOut(registry: Registry, keptOut: AnomalyAgent['keptOut']): void {
  new Counter({
    name: 'sre_anomalies_kept_out_total',
    help: 'How often a service was off and kept out of the announcements',
    labelNames: ['reason'],
    registers: [registry],
    collect() {
      this.reset()
      for (const [reason, count] of Object.entries(keptOut())) this.inc({ reason }, count)
    },
  })
}

/** `names`: of all queries. */
export function gaugeQueries(
  registry: Registry,
  names: readonly string[],
  failing: () => ReadonlyMap<string, string>,
): void {
  new Gauge({
    name: 'sre_anomaly_query_up',
    help: 'Whether a query of ANOMALY_QUERIES_FILE was answered when it was last asked',
    labelNames: ['query'],
    registers: [registry],
    collect() {
      for (const query of names) this.set({ query }, failing().has(query) ? 0 : 1)
    },
  })
}

/** What replicas share (docs/decisions/0020-replicas-share-services-in-shards.md). */
export function gaugeShards(registry: Registry, shards: AnomalyAgent['shards']): void {
  new Gauge({
    name: 'sre_anomaly_shards',
    help: 'Shards of services that this process watches; together the replicas have 12',
    registers: [registry],
    collect() {
      this.set(shards())
    },
  })
}

/** Each chosen series becomes four of Prometheus. */
export const MOST_BANDS = 500
const BAND = {
  value: 'Last value of a series of ANOMALY_BANDS, as the anomaly agent measured it',
  expected: 'What is expected of it',
  lower: 'Lower end of its expected range; below, it is off',
  upper: 'Upper end of its expected range; above, it is off',
} as const satisfies Partial<Record<keyof Band, string>>

/** The expected range of chosen series, for dashboards. A series that is no longer measured, or not by this process, is not shown. */
export function gaugeBands(registry: Registry, bands: AnomalyAgent['bands'], isChosen: Chosen): void {
  const all = () => [...bands(isChosen)].flatMap(([tenant, own]) => own.map((band) => ({ tenant, band })))
  for (const name of Object.keys(BAND) as (keyof typeof BAND)[])
    new Gauge({
      name: `sre_anomaly_band_${name}`,
      help: BAND[name],
      labelNames: ['tenant', 'service', 'indicator', 'unit'],
      registers: [registry],
      collect() {
        this.reset()
        for (const { tenant, band } of all().slice(0, MOST_BANDS))
          this.set({ tenant, service: band.service, indicator: band.indicator, unit: band.unit ?? '' }, band[name])
      },
    })
  new Gauge({
    name: 'sre_anomaly_bands_left_out',
    help: `Series of ANOMALY_BANDS beyond the first ${MOST_BANDS}, which are not shown`,
    registers: [registry],
    collect() {
      this.set(Math.max(0, all().length - MOST_BANDS))
    },
  })
}
