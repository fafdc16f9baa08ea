import { createTokenSource, type TokenOptions } from '../runtime/token.ts'
import { controlPlaneWriter, liveControlPlane } from './control-plane/control-plane.ts'
import { createHttp } from './http.ts'
import type { ControlPlaneTool, ControlPlaneWriter } from './tools.ts'

export interface ControlPlaneOptions {
  url: string
  /** client credentials of who asks */
  client: TokenOptions
}

const TIMEOUT_MS = 10_000

const httpOf = ({ url, client }: ControlPlaneOptions, retries?: number) =>
  createHttp({
    baseUrl: url,
    ...(retries === undefined ? {} : { retries }),
    credentials: { bearer: createTokenSource(client) },
    timeoutMs: TIMEOUT_MS,
  })

/** Asks with a credential that can only read. */
export const controlPlaneTool = (options: ControlPlaneOptions): ControlPlaneTool => liveControlPlane(httpOf(options))

/** Acts; held by the executor alone. A call is made once: who makes it must know that an answer was lost before it repeats it. */
export const controlPlaneActing = (options: ControlPlaneOptions): ControlPlaneWriter =>
  controlPlaneWriter(httpOf(options, 0))
