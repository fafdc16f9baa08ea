/** PostgreSQL, a bus, and agents that each are a process of their own and may be killed. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BusOptions, createBus, prepareKafkaBus, preparePostgresBus } from '../../bus/create.ts'
import { prepareAgents } from '../../embedded/agents.ts'
import { startLocalPostgres } from '../../embedded/postgres.ts'
import { loadContract } from '../../schemas/contract.ts'
import type { KafkaAddress } from '../sessions/platform.ts'

export type AgentName = 'assistant' | 'postmortem'

/** What an agent's process is told in `A2A_BENCH`. */
export interface AgentProcess {
  agent: AgentName
  databaseUrl: string
  kafka: KafkaAddress | null
}

export async function openSetting(kafka: KafkaAddress | null) {
  const contract = loadContract()
  const dataDir = mkdtempSync(join(tmpdir(), 'sre-bench-a2a-'))
  const postgres = await startLocalPostgres(dataDir)
  const databaseUrl = postgres.url
  await prepareAgents(databaseUrl)
  if (kafka === null) await preparePostgresBus(databaseUrl, contract)
  else await prepareKafkaBus({ ...kafka, contract }, { replicas: 1 })
  const options: BusOptions =
    kafka === null ? { kind: 'postgres', databaseUrl, contract } : { kind: 'kafka', ...kafka, contract }
  const bus = await createBus(options)
  const running = new Set<() => Promise<void>>()
  return {
    ...{ bus, contract, databaseUrl, dataDir },
    /** Resolves once it is ready; returns how to end it. */
    async start(agent: AgentName): Promise<(signal: 'SIGTERM' | 'SIGKILL') => Promise<void>> {
      const told: AgentProcess = { agent, databaseUrl, kafka }
      const child = spawn(process.execPath, [join(import.meta.dirname, 'agent.ts')], {
        env: { ...process.env, A2A_BENCH: JSON.stringify(told) },
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const ended = once(child, 'exit')
      const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
        child.kill(signal)
        await ended
        running.delete(terminate)
      }
      const terminate = () => end('SIGTERM')
      running.add(terminate)
      const isReady = await Promise.race([once(child.stdout, 'data').then(() => true), ended.then(() => false)])
      if (!isReady) throw new Error(`the ${agent} ended before it was ready`)
      return end
    },
    /** Ends what is still running. */
    async close() {
      await Promise.all([...running].map((terminate) => terminate()))
      await bus.close()
      await postgres.close()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

export type Setting = Awaited<ReturnType<typeof openSetting>>
