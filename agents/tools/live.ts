import { createTokenSource, type TokenOptions } from '../runtime/token.ts'
import { controlPlaneWriter, liveControlPlane } from './control-plane/control-plane.ts'
import { createHttp, type Http } from './http.ts'
import type { ControlPlaneTool, ControlPlaneWriter } from './tools.ts'

export interface ControlPlaneOptions {
  url: string
  /** client credentials */
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

/** A reader; its credential is read-only. */
export const controlPlaneTool = (options: ControlPlaneOptions): ControlPlaneTool => liveControlPlane(httpOf(options))

/** The unshared answers, queried once each. */
export const controlPlaneHttp = (options: ControlPlaneOptions): Http => httpOf(options, 0)

/** A writer, for the executor alone. It never retries: only the caller knows whether repeating a lost call is safe. */
export const controlPlaneActing = (options: ControlPlaneOptions): ControlPlaneWriter =>
  controlPlaneWriter(httpOf(options, 0))
