/** Writes docs/reference/metrics.md from the metrics the components register: `npm run docs:metrics`. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { Registry } from 'prom-client'
import { countKeptOut, gaugeBands, gaugeQueries, gaugeShards } from '../agents/anomaly/metrics.ts'
import { countAgents } from '../agents/runtime/metrics.ts'
import { createMetrics } from '../gateway/metrics.ts'
import { createComponentMetrics } from '../health/metrics.ts'
import { HEALTH_PORTS } from './serve/health.ts'

const target = join(import.meta.dirname, '../docs/reference/metrics.md')

/** The page, formatted with prettier as in the repository. */
export async function metricsPage(): Promise<string> {
  return format(page(), { ...(await resolveConfig(target)), parser: 'markdown' })
}

/** Fields that exist in prom-client but not in its types. */
const labelsOf = (metric: object): readonly string[] =>
  'labelNames' in metric && Array.isArray(metric.labelNames) ? metric.labelNames.map(String) : []

function rowsOf(registry: Registry, known: readonly string[] = []): string[] {
  return registry
    .getMetricsAsArray()
    .filter(({ name }) => !known.includes(name))
    .map((metric) => {
      const { name, type, help } = metric
      const labels = labelsOf(metric).map((label) => `\`${label}\``)
      return `| \`${name}\` | ${String(type)} | ${labels.join(', ')} | ${help} |`
    })
}

function page(): string {
  const bus = { lag: async () => [] }
  const every = createComponentMetrics({ bus, unhealthy: () => null })
  const gateway = createMetrics({ size: () => 0 }, { bus, unhealthy: () => null })
  const agents = new Registry()
  const anomaly = new Registry()
  countKeptOut(anomaly, () => ({ maintenance: 0, expected: 0, deployment: 0 }))
  gaugeQueries(anomaly, [], () => new Map())
  gaugeShards(anomaly, () => 0)
  gaugeBands(
    anomaly,
    () => new Map(),
    () => false,
  )
  const uncount = countAgents(agents, async () => new Map())
  for (const one of [every, gateway]) one.close()
  uncount()
  const head = ['', '| metric | type | labels | meaning |', '| --- | --- | --- | --- |']
  const names = every.registry.getMetricsAsArray().map(({ name }) => name)
  const ports = Object.entries(HEALTH_PORTS).map(([part, port]) => `${part} ${port}`)
  return [
    '# Metrics',
    '',
    `Each component of \`sre serve\` exposes these metrics in the Prometheus text format at \`/metrics\` of its health port (${ports.join(', ')}; \`HEALTH_PORT\`, \`HEALTH_HOST\`). The gateway also exposes its own at \`/api/v1/metrics\`.`,
    '',
    '## Every component',
    ...head,
    ...rowsOf(every.registry),
    '',
    'The health port also exposes the metrics of the process and of Node.js: `process_…` and `nodejs_…`.',
    '',
    '## Assistant and executor',
    ...head,
    ...rowsOf(agents),
    '',
    '## Anomaly agent',
    ...head,
    ...rowsOf(anomaly),
    '',
    '## Gateway',
    ...head,
    ...rowsOf(gateway.registry, names),
    '',
  ].join('\n')
}

if (import.meta.main) writeFileSync(target, await metricsPage())
