/** Two incidents with changes: a guilty deployment of the service that fails, and a fault that no change did. */
import { join } from 'node:path'
import { randomFrom } from '../../../bench/rankings/measures.ts'
import { csv, range, write } from './write.ts'

const START = Date.UTC(2026, 5, 20, 11)
const MINUTE = 60_000
const ONSET = 100

export function writeRootCauseBench(root: string): void {
  writeCase(join(root, 'case-01'), { changedAt: ONSET - 1 })
  writeCase(join(root, 'case-02'), { changedAt: null })
  write(join(root, 'truth.json'), JSON.stringify({ 'case-01': { commit: 'c1', service: 'cart', decoys: [] }, 'case-02': { commit: 'none', service: 'cart', decoys: ['c0'] } })) // prettier-ignore
}

const written = (minute: number): string => new Date(START + minute * MINUTE).toISOString()

/** A long harmless change of the front at the beginning, and one of the failing service, or none. */
function writeCase(dir: string, { changedAt }: { changedAt: number | null }): void {
  const random = randomFrom(7)
  const level = (service: string, minute: number): number => (0.05 + 0.01 * random()) * (minute >= ONSET && service !== 'stock' ? 6 : 1) // prettier-ignore
  const rows = ['front', 'cart', 'stock'].flatMap((service) => range(130).map((minute) => [written(minute), service, '', 'latency_p90', 's', level(service, minute)])) // prettier-ignore
  const change = (id: string, service_name: string, minute: number) => ({ id, timestamp: written(minute), event_type: 'DEPLOYMENT', service_name, summary: 'release' }) // prettier-ignore
  write(join(dir, 'incident.json'), JSON.stringify({ id: dir.slice(-7), window: { start: written(0), end: written(130) }, alert: { service: 'front', summary: 'latency of front', severity: 'P2', labels: { metric: 'latency' } } })) // prettier-ignore
  write(join(dir, 'metrics.csv'), csv(['timestamp', 'service', 'instance', 'indicator', 'unit', 'value'], rows))
  write(join(dir, 'graph.json'), JSON.stringify({ edges: [{ from: 'front', to: 'cart' }, { from: 'cart', to: 'stock' }] })) // prettier-ignore
  write(join(dir, 'changes.json'), JSON.stringify([change('c0', 'front', 2), ...(changedAt === null ? [] : [change('c1', 'cart', changedAt)])])) // prettier-ignore
}
