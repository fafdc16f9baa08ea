/** One replica of assistant and gateway in this process, on a recording and PostgreSQL. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { recordedControlPlane } from '../../agents/tools/recording/control-plane.ts'
import { recordedLogs } from '../../agents/tools/recording/logs.ts'
import { recordedMetrics } from '../../agents/tools/recording/metrics.ts'
import { finishedRecording } from '../../agents/tools/recording/source.ts'
import { type BusOptions, createBus, prepareKafkaBus, preparePostgresBus } from '../../bus/create.ts'
import { prepareAgents, startAgents } from '../../embedded/agents.ts'
import { startIssuer } from '../../embedded/issuer.ts'
import { startLocalPostgres } from '../../embedded/postgres.ts'
import { serveGateway } from '../../gateway/serve.ts'
import { loadContract } from '../../schemas/contract.ts'
import { openSigningKeys } from '../../schemas/signing-keys.ts'
import { singleTenant } from '../../tenants/tenants.ts'

export const RECORDING = join(import.meta.dirname, '../../test/scenarios/shop-01')

export interface KafkaAddress {
  brokers: string[]
  registryUrl: string
}

export async function startPlatform(kafka: KafkaAddress | null) {
  const dataDir = mkdtempSync(join(tmpdir(), 'sre-bench-'))
  const log = pino({ level: 'error' }, pino.destination(2))
  const contract = loadContract()
  const postgres = await startLocalPostgres(dataDir)
  const databaseUrl = postgres.url
  await prepareAgents(databaseUrl)
  const options: BusOptions =
    kafka === null ? { kind: 'postgres', databaseUrl, contract } : { kind: 'kafka', ...kafka, contract }
  if (kafka === null) await preparePostgresBus(databaseUrl, contract)
  else await prepareKafkaBus({ ...kafka, contract }, { replicas: 1 })
  const bus = await createBus(options)
  const issuer = await startIssuer({ dataDir })
  const gateway = await serveGateway({
    ...{ databaseUrl, bus, contract, log, host: '127.0.0.1', port: 0 },
    identity: { issuer: issuer.url },
    tenants: singleTenant,
    decisions: { issuer: 'sre-gateway', keys: await openSigningKeys({ dir: join(dataDir, 'keys') }) },
  })
  const source = finishedRecording(RECORDING)
  const runtime = await startAgents({
    ...{ bus, contract, databaseUrl, log, tenants: singleTenant },
    assistant: {
      toolsFor: () => ({
        tools: {
          metrics: recordedMetrics(source),
          logs: recordedLogs(source),
          controlPlane: recordedControlPlane(source),
        },
      }),
      approverRoles: ['team_manager'],
      approvalTtlMs: 600_000,
      defaultLimitMs: 60_000,
      limits: { concurrency: 20 },
    },
  })
  return {
    bus,
    contract,
    databaseUrl,
    async close() {
      await runtime.stop()
      await gateway.close()
      await bus.close()
      await issuer.close()
      await postgres.close()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

export type Platform = Awaited<ReturnType<typeof startPlatform>>
