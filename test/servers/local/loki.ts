import { readFileSync } from 'node:fs'
import { copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '../free-port.ts'
import { stringify } from 'yaml'
import type { Place, Started } from '../server.ts'
import { build, cached } from './cache.ts'
import { startProcess } from './process.ts'

const goMod = new URL('loki/go.mod', import.meta.url)

export const lokiBinary = cached('loki', readFileSync(goMod, 'utf8'), async (folder) => {
  await copyFile(goMod, join(folder, 'go.mod'))
  const command = ['go', 'build', '-trimpath', '-ldflags', '-s -w', '-o', 'loki', 'github.com/grafana/loki/v3/cmd/loki']
  await build(command, folder, { GOFLAGS: '-mod=mod' })
})

/** Options of a Loki. */
export type LokiOptions = {
  /** False: single-tenant, without `X-Scope-OrgID`. Default true. */
  tenants?: boolean
  /** The configuration as for a container. Its ports 3100 and 9096 and its folder /loki are replaced. */
  config?: string
}

/** A container's configuration on free loopback ports, with its data in `folder`. */
const onPorts = (config: string, folder: string, { http, grpc }: { http: number; grpc: number }) => {
  const loopback = (protocol: string) => `${protocol}_listen_address: 127.0.0.1`
  return config
    .replace('http_listen_port: 3100', `http_listen_port: ${http}\n  ${loopback('http')}`)
    .replace('grpc_listen_port: 9096', `grpc_listen_port: ${grpc}\n  ${loopback('grpc')}`)
    .replaceAll(/(?<=: )\/loki\b/g, folder)
}

/** A single process with all data in `folder` that accepts lines of any age. */
export const lokiConfig = (folder: string, listen: { host: string; http: number; grpc: number }, tenants: boolean) =>
  stringify({
    auth_enabled: tenants,
    server: {
      http_listen_address: listen.host,
      http_listen_port: listen.http,
      grpc_listen_address: '127.0.0.1',
      grpc_listen_port: listen.grpc,
      log_level: 'warn',
    },
    common: {
      instance_addr: '127.0.0.1',
      path_prefix: folder,
      replication_factor: 1,
      ring: { kvstore: { store: 'inmemory' } },
      storage: { filesystem: { chunks_directory: `${folder}/chunks`, rules_directory: `${folder}/rules` } },
    },
    schema_config: {
      configs: [
        {
          from: '2020-10-24',
          store: 'tsdb',
          object_store: 'filesystem',
          schema: 'v13',
          index: { prefix: 'index_', period: '24h' },
        },
      ],
    },
    limits_config: { reject_old_samples: false, allow_structured_metadata: true },
    analytics: { reporting_enabled: false },
    ingester: { lifecycler: { min_ready_duration: '0s', final_sleep: '0s' } },
    querier: { query_ingesters_within: '0s' },
  })

/** Loki on free loopback ports, with its data in `folder`. */
export async function startLoki({
  folder,
  options,
}: Place<LokiOptions | undefined>): Promise<Started<{ url: string }>> {
  const [http, grpc] = [await freePort(), await freePort()]
  const file = join(folder, 'loki.yaml')
  const [data, ports] = [join(folder, 'data'), { http, grpc }]
  const own = () => lokiConfig(data, { host: '127.0.0.1', ...ports }, options?.tenants ?? true)
  await writeFile(file, options?.config === undefined ? own() : onPorts(options.config, data, ports))
  const url = `http://127.0.0.1:${http}`
  const instance = await startProcess({
    title: 'Loki',
    command: join(lokiBinary.folder, 'loki'),
    args: [`-config.file=${file}`],
    log: join(folder, 'loki.log'),
    ready: async () => (await fetch(`${url}/ready`)).ok,
  })
  return { address: { url }, instance }
}
