import type { AddressInfo } from 'node:net'
import { type AssembledGateway, assembleGateway } from './build.ts'
import type { GatewayOptions } from './build.ts'

export interface RunningGateway extends Pick<AssembledGateway, 'registry' | 'ready'> {
  url: string
  /** ends streams, finishes running requests, leaves the consumer group, closes connections; idempotent */
  close(): Promise<void>
}

/** Builds the gateway and listens. `port` 0 picks a free port. */
export async function serveGateway(options: GatewayOptions & { host: string; port: number }): Promise<RunningGateway> {
  const { app, ...health } = await assembleGateway(options)
  await app.listen({ host: options.host, port: options.port })
  const { address, port, family } = app.server.address() as AddressInfo
  const host = family === 'IPv6' ? `[${address}]` : address
  let closed: Promise<void> | undefined
  return { ...health, url: `http://${host}:${port}`, close: () => (closed ??= Promise.resolve(app.close())) }
}
