import { readFileSync } from 'node:fs'
import { copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '../free-port.ts'
import type { Place, Started } from '../server.ts'
import { build, cached } from './cache.ts'
import { startProcess } from './process.ts'

const [goMod, main] = ['go.mod', 'main.go'].map((file) => new URL(`otelcol/${file}`, import.meta.url)) as [URL, URL]

export const collectorBinary = cached(
  'otelcol',
  [goMod, main].map((file) => readFileSync(file, 'utf8')).join(''),
  async (folder) => {
    await copyFile(goMod, join(folder, 'go.mod'))
    await copyFile(main, join(folder, 'main.go'))
    await build(['go', 'build', '-trimpath', '-ldflags', '-s -w', '-o', 'otelcol', '.'], folder, {
      GOFLAGS: '-mod=mod',
    })
  },
)

/** Options of a collector. */
export type CollectorOptions = {
  /** The configuration as for a container. Its ports 4317 (gRPC), 4318 (HTTP) and 8888 (its own metrics) are replaced by free ones. */
  config: string
  /** Port of its own metrics, where another server has to know it before; default: a free one. */
  metricsPort?: number
}

export type Collector = {
  /** takes OTLP by HTTP */
  url: string
  /** takes OTLP by gRPC, host:port */
  grpc: string
  /** its own metrics, host:port */
  metrics: string
}

const PORTS = { grpc: 4317, http: 4318, metrics: 8888 }

/** The configuration with free loopback ports in place of a container's, and the addresses there. */
export async function onFreePorts({
  config,
  metricsPort,
}: CollectorOptions): Promise<{ config: string; address: Collector }> {
  const [grpc, http, metrics] = [await freePort(), await freePort(), metricsPort ?? (await freePort())]
  const replaced = config
    .replaceAll(`0.0.0.0:${PORTS.grpc}`, `127.0.0.1:${grpc}`)
    .replaceAll(`0.0.0.0:${PORTS.http}`, `127.0.0.1:${http}`)
    .replace(/host: 0\.0\.0\.0, port: 8888/, `host: 127.0.0.1, port: ${metrics}`)
  return {
    config: replaced,
    address: { url: `http://127.0.0.1:${http}`, grpc: `127.0.0.1:${grpc}`, metrics: `127.0.0.1:${metrics}` },
  }
}

/** The collector on free loopback ports. */
export async function startCollector({ folder, options }: Place<CollectorOptions>): Promise<Started<Collector>> {
  const { config, address } = await onFreePorts(options)
  const file = join(folder, 'otelcol.yaml')
  await writeFile(file, config)
  const instance = await startProcess({
    title: 'The OpenTelemetry Collector',
    command: join(collectorBinary.folder, 'otelcol'),
    args: [`--config=${file}`],
    log: join(folder, 'otelcol.log'),
    ready: async () => (await fetch(`http://${address.metrics}/metrics`)).ok && (await takesOtlp(address.url)),
  })
  return { address, instance }
}

/** Whether it accepts an export of nothing. */
export async function takesOtlp(url: string): Promise<boolean> {
  const headers = { 'content-type': 'application/json' }
  return (await fetch(`${url}/v1/logs`, { method: 'POST', headers, body: '{"resourceLogs":[]}' })).ok
}
