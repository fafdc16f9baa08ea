/** The health port of a component: `/healthz`, `/readyz` and `/metrics`; no server if it is off. */
import { collectDefaultMetrics, type Registry } from 'prom-client'
import { serveHealth } from '../../health/server.ts'
import type { Config } from '../config.ts'
import { CommandError } from '../login/context.ts'
import { serving as texts } from './texts.ts'
import { version } from '../version.ts'
import type { Part } from './part.ts'

type Component = Part | 'connect'

/** Default ports differ, so that components on one machine do not collide. */
export const HEALTH_PORTS: Readonly<Record<Component, number>> = {
  gateway: 8090,
  assistant: 8091,
  executor: 8092,
  'control-plane': 8093,
  connect: 8094,
  lab: 8095,
  postmortem: 8096,
  anomaly: 8097,
}

export interface Health {
  registry: Registry
  ready(): Promise<{ ready: boolean }>
}

/** Returns a function that closes the server. */
export async function openHealth(part: Component, config: Config, health: Health): Promise<() => Promise<void>> {
  const { HEALTH_HOST: host, HEALTH_PORT: port = HEALTH_PORTS[part] } = config
  if (port === 'off') return async () => undefined
  // process metrics: memory, event loop, garbage collection
  collectDefaultMetrics({ register: health.registry })
  try {
    const server = await serveHealth({ ...health, host, port, version })
    return server.close
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw code === 'EADDRINUSE' || code === 'EACCES' || code === 'EADDRNOTAVAIL'
      ? new CommandError(texts.healthPort(host, port, code))
      : error
  }
}
