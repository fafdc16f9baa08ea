/** Migrates the schemas of all components in turn, each under the migration lock. */
import { prepareEngine } from '../../agents/runtime/engine.ts'
import { preparePostgresBus } from '../../bus/create.ts'
import { prepareAgents } from '../../embedded/agents.ts'
import { prepareControlPlane } from '../../embedded/control-plane/control-plane.ts'
import { prepareGateway } from '../../gateway/build.ts'
import { loadContract } from '../../schemas/contract.ts'
import { readConfig } from '../config.ts'
import { createLog } from '../log.ts'
import { reached } from '../serve/reached.ts'

/** Returns the names of the migrated schemas. */
export async function migrateAll(environment: Readonly<Record<string, string | undefined>>): Promise<string[]> {
  const { DATABASE_URL: url, KAFKA_BROKERS: brokers } = readConfig(environment, ['DATABASE_URL'])
  await reached(url)
  const log = createLog({ level: 'silent' })
  const steps: [schemas: string[], prepare: () => Promise<void>][] = [
    [['bus'], () => preparePostgresBus(url, loadContract())],
    [['runtime', 'evidence', 'executor', 'changes', 'postmortem', 'anomaly'], () => prepareAgents(url)],
    [['dbos'], () => prepareEngine(url, log)],
    [['gateway', 'gateway_requests'], () => prepareGateway(url)],
    [['control_plane'], () => prepareControlPlane(url)],
  ]
  // with Kafka, the bus has no schema in PostgreSQL
  const wanted = brokers === undefined ? steps : steps.slice(1)
  for (const [, prepare] of wanted) await prepare()
  return wanted.flatMap(([schemas]) => schemas)
}
