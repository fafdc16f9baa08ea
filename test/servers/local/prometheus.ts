import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from '../free-port.ts'
import type { Place, Started } from '../server.ts'
import { build, cached } from './cache.ts'
import { startProcess } from './process.ts'

const run = promisify(execFile)
// The Go module's v0.316.0 is server version 3.16.0.
const version = 'v0.316.0'
const tools = ['prometheus', 'promtool'].map((tool) => `github.com/prometheus/prometheus/cmd/${tool}@${version}`)

export const prometheusBinaries = cached('prometheus', version, (folder) =>
  // Without cloud service discovery: tests scrape fixed targets, and it has huge dependencies.
  build(['go', 'install', '-tags', 'remove_all_sd', '-ldflags', '-s -w', ...tools], folder, { GOBIN: folder }),
)

/** Options of a Prometheus. */
export type PrometheusOptions = {
  /** Initial history: OpenMetrics text with timestamps in seconds and a last line `# EOF`. */
  openMetrics?: string
  /** `prometheus.yml`: scrape jobs and rules. Default: nothing is scraped. */
  config?: string
  /** Further flags, such as `--web.enable-otlp-receiver`. */
  flags?: string[]
}

export const emptyConfig = 'global: {}\n'
/** Backfilled incidents may be years old. */
export const retention = '--storage.tsdb.retention.time=100y'

/** Prometheus on a free loopback port, with its data in `folder`. */
export async function startPrometheus({
  folder,
  options,
}: Place<PrometheusOptions>): Promise<Started<{ url: string }>> {
  const { openMetrics, config = emptyConfig, flags = [] } = options
  const data = join(folder, 'data')
  await writeFile(join(folder, 'prometheus.yml'), config)
  if (openMetrics !== undefined) {
    const history = join(folder, 'history.om')
    await writeFile(history, openMetrics)
    await run(join(prometheusBinaries.folder, 'promtool'), ['tsdb', 'create-blocks-from', 'openmetrics', history, data])
  }
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const instance = await startProcess({
    title: 'Prometheus',
    command: join(prometheusBinaries.folder, 'prometheus'),
    args: [
      ...[`--config.file=${join(folder, 'prometheus.yml')}`, `--storage.tsdb.path=${data}`, retention],
      ...[`--web.listen-address=127.0.0.1:${port}`, ...flags],
    ],
    log: join(folder, 'prometheus.log'),
    ready: async () => (await fetch(`${url}/-/ready`)).ok,
  })
  return { address: { url }, instance }
}
