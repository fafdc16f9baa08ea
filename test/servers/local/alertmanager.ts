import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '../free-port.ts'
import type { Place, Started } from '../server.ts'
import { build, cached } from './cache.ts'
import { startProcess } from './process.ts'

const version = 'v0.28.1'
const tools = ['alertmanager', 'amtool'].map((tool) => `github.com/prometheus/alertmanager/cmd/${tool}@${version}`)

export const alertmanagerBinaries = cached('alertmanager', version, (folder) =>
  build(['go', 'install', '-ldflags', '-s -w', ...tools], folder, { GOBIN: folder }),
)

/** Options of an Alertmanager. */
export type AlertmanagerOptions = {
  /** `alertmanager.yml` */
  config: string
}

/** One that has no others beside it. */
export const single = '--cluster.listen-address='

/** Alertmanager on a free loopback port, with its silences in `folder`. */
export async function startAlertmanager({
  folder,
  options: { config },
}: Place<AlertmanagerOptions>): Promise<Started<{ url: string }>> {
  const file = join(folder, 'alertmanager.yml')
  await writeFile(file, config)
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const instance = await startProcess({
    title: 'Alertmanager',
    command: join(alertmanagerBinaries.folder, 'alertmanager'),
    args: [
      ...[`--config.file=${file}`, `--storage.path=${join(folder, 'data')}`],
      ...[`--web.listen-address=127.0.0.1:${port}`, single],
    ],
    log: join(folder, 'alertmanager.log'),
    ready: async () => (await fetch(`${url}/-/ready`)).ok,
  })
  return { address: { url }, instance }
}
