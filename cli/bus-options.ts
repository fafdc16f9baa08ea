import type { BusOptions } from '../bus/create.ts'
import type { Contract } from '../schemas/contract.ts'
import { type Config, ConfigurationError } from './config.ts'

/** Kafka where brokers are configured, else the log in PostgreSQL. */
export function busOptionsFrom(config: Config, contract: Contract): BusOptions {
  if (config.DATABASE_URL === undefined) throw new ConfigurationError('DATABASE_URL is needed')
  return { kind: 'postgres', databaseUrl: config.DATABASE_URL, contract }
}
