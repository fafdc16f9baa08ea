import type { Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { type AssembledGateway, assembleGateway } from './build.ts'
import type { GatewayOptions } from './build.ts'
import { followTls, redirectToTls } from './tls.ts'

export interface RunningGateway extends Pick<AssembledGateway, 'registry' | 'ready'> {
  url: string
  /** ends streams, finishes running requests, leaves the consumer group, closes connections; idempotent */
  close(): Promise<void>
}

export interface ListenOptions {
  host: string
  /** 0 picks a free one */
  port: number
  /** with `tls`: a further port, which redirects plain HTTP; absent: there is none, and plain HTTP is refused */
  redirectPort?: number
}

/** Builds the gateway and listens. */
export async function serveGateway(options: GatewayOptions & ListenOptions): Promise<RunningGateway> {
  const { tls, log, redirectPort } = options
  const { app, ...health } = await assembleGateway(options)
  await app.listen({ host: options.host, port: options.port })
  const { address, port, family } = app.server.address() as AddressInfo
  const host = family === 'IPv6' ? `[${address}]` : address
  const unfollow =
    tls === undefined
      ? () => undefined
      : followTls(app.server as unknown as Server, tls, {
          onRenewed: () => log.info('the certificate was renewed'),
          onRefused: (why) => log.error({ error: why }, 'the new certificate cannot be used: the previous one still serves'), // prettier-ignore
        })
  const redirect =
    tls === undefined || redirectPort === undefined
      ? null
      : await redirectToTls({ host: options.host, port: redirectPort, to: port }).catch(async (error: unknown) => {
          unfollow()
          await app.close()
          throw error
        })
  const close = async () => {
    unfollow()
    await redirect?.close()
    await app.close()
  }
  let closed: Promise<void> | undefined
  const scheme = tls === undefined ? 'http' : 'https'
  return { ...health, url: `${scheme}://${host}:${port}`, close: () => (closed ??= close()) }
}
