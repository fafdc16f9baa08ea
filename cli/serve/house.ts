/** What every component needs: its log, the database, the bus and the health port. */
import type { Bus } from '../../bus/bus.ts'
import { createBus, preparePostgresBus, PROMPT } from '../../bus/create.ts'
import { openDataDir } from '../../embedded/data-dir.ts'
import { type DataDirLock, lockDataDir } from '../../embedded/data-dir-lock.ts'
import { StartRefused } from '../../embedded/start-refused.ts'
import { type Contract, loadContract } from '../../schemas/contract.ts'
import type { Logger } from 'pino'
import { busOptionsFrom } from '../bus-options.ts'
import type { Config } from '../config.ts'
import { createLog } from '../log.ts'
import { type ClientContext, CommandError } from '../login/context.ts'
import { registryFound } from '../registry.ts'
import { refused } from '../start/refused.ts'
import { type Health, openHealth } from './health.ts'
import type { Part } from './part.ts'
import { reached } from './reached.ts'

export type Environment = ClientContext['environment']

export interface Running {
  log: Logger
  stop(): Promise<void>
  /** settles when it has died */
  failed: Promise<Error>
}

export interface House {
  part: Part
  bus: Bus
  contract: Contract
  databaseUrl: string
  log: Logger
}

export const DAY_MS = 86_400_000

export const logOf = (part: Part, config: Config): Logger => createLog({ level: config.LOG_LEVEL, base: { part } })

export async function house(part: Part, config: Config<'DATABASE_URL'>): Promise<House> {
  const log = logOf(part, config)
  const contract = loadContract()
  const databaseUrl = config.DATABASE_URL
  await reached(databaseUrl)
  const options = busOptionsFrom(config, contract)
  await registryFound(options)
  if (options.kind === 'postgres') await preparePostgresBus(databaseUrl, contract)
  // people wait for the gateway's answers
  const asked = options.kind === 'kafka' && part === 'gateway' ? { ...options, patience: PROMPT } : options
  return { part, bus: await createBus(asked), contract, databaseUrl, log }
}

/** Locks the data folder: one shop per folder. */
export function locked(dataDir: string): DataDirLock {
  openDataDir(dataDir)
  try {
    return lockDataDir(dataDir)
  } catch (error) {
    throw told(error)
  }
}

export const told = (error: unknown): unknown =>
  error instanceof StartRefused ? new CommandError(refused(error.refusal)) : error

/** Opens the health port of what is running; stops it if that fails. */
export async function withHealth(
  { part, log }: Pick<House, 'part' | 'log'>,
  config: Config,
  health: Health,
  running: Omit<Running, 'log'>,
): Promise<Running> {
  const closeHealth = await openHealth(part, config, health).catch(async (error: unknown) => {
    await running.stop()
    throw error
  })
  return {
    log,
    failed: running.failed,
    async stop() {
      await closeHealth()
      await running.stop()
    },
  }
}

/** The same, and then closes the bus. */
export const onBus = ({ bus }: House, running: Omit<Running, 'log'>): Omit<Running, 'log'> => ({
  failed: running.failed,
  async stop() {
    await running.stop()
    await bus.close()
  },
})
