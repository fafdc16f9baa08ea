import { askPrivate } from './client.ts'
import type { PrivateServer } from './client.ts'
import type { Collector, CollectorOptions } from './local/otelcol.ts'

/** A private collector with this configuration, on ports of its own. */
export const startCollector = (options: CollectorOptions): Promise<PrivateServer<Collector>> =>
  askPrivate('otelcol', options)
