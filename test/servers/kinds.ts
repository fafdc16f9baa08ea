import { alertmanager } from './kinds/alertmanager.ts'
import { chroma } from './kinds/chroma.ts'
import { kafka } from './kinds/kafka.ts'
import { keycloak } from './kinds/keycloak.ts'
import { loki } from './kinds/loki.ts'
import { otelcol } from './kinds/otelcol.ts'
import { postgres } from './kinds/postgres.ts'
import { prometheus } from './kinds/prometheus.ts'
import { registry } from './kinds/registry.ts'
import { zipkin } from './kinds/zipkin.ts'
import type { Server } from './server.ts'

/** Every kind of server that tests may ask for. */
export const kinds: Record<string, Server<unknown, never>> = {
  ...{ postgres, kafka, registry, prometheus, loki, zipkin, keycloak, alertmanager, otelcol, chroma },
}
