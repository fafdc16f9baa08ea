/** One agent as a process: writes a line once it is ready, and ends at SIGTERM. */
import pino from 'pino'
import { recordedControlPlane } from '../../agents/tools/recording/control-plane.ts'
import { recordedLogs } from '../../agents/tools/recording/logs.ts'
import { recordedMetrics } from '../../agents/tools/recording/metrics.ts'
import { finishedRecording } from '../../agents/tools/recording/source.ts'
import { type BusOptions, createBus } from '../../bus/create.ts'
import { startAgents } from '../../embedded/agents.ts'
import { loadContract } from '../../schemas/contract.ts'
import { singleTenant } from '../../tenants/tenants.ts'
import { RECORDING } from '../sessions/platform.ts'
import type { AgentProcess } from './setting.ts'

const { agent, databaseUrl, kafka } = JSON.parse(process.env['A2A_BENCH'] ?? '{}') as AgentProcess
const contract = loadContract()
const options: BusOptions =
  kafka === null ? { kind: 'postgres', databaseUrl, contract } : { kind: 'kafka', ...kafka, contract }
const bus = await createBus(options)
const source = finishedRecording(RECORDING)
const tools = {
  metrics: recordedMetrics(source),
  logs: recordedLogs(source),
  controlPlane: recordedControlPlane(source),
}
const runtime = await startAgents({
  ...{ bus, contract, databaseUrl, tenants: singleTenant, log: pino({ level: 'error' }, pino.destination(2)) },
  takeover: { heartbeatMs: 300, goneMs: 1500 },
  ...(agent === 'postmortem'
    ? { postmortem: { controlPlane: tools.controlPlane } }
    : {
        assistant: {
          ...{ toolsFor: () => ({ tools }), approverRoles: ['team_manager'], approvalTtlMs: 600_000 },
          ...{ defaultLimitMs: 60_000, postmortems: true },
        },
      }),
})
process.once('SIGTERM', () => {
  void runtime
    .stop()
    .then(() => bus.close())
    .then(() => process.exit(0))
})
process.stdout.write('ready\n')
