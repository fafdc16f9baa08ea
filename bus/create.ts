import type { Bus } from './bus.ts'
import { createPostgresBus, type PostgresBusOptions } from './postgres/postgres-bus.ts'

export { preparePostgresBus } from './postgres/postgres-bus.ts'

export type BusOptions = { kind: 'postgres' } & PostgresBusOptions

/** The bus that is configured. */
export const createBus = (options: BusOptions): Promise<Bus> => createPostgresBus(options)
