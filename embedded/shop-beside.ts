/** The tools that ask the shop of the platform running in a data folder, for a command of the same user. */
import { join } from 'node:path'
import { controlPlaneTool } from '../agents/tools/live.ts'
import { recordedLogs } from '../agents/tools/recording/logs.ts'
import { recordedMetrics } from '../agents/tools/recording/metrics.ts'
import { growingRecording } from '../agents/tools/recording/source.ts'
import type { Tools } from '../agents/tools/tools.ts'
import { runningPlatform } from './data-dir-lock.ts'
import { audiences } from './issuer/access.ts'
import { readState } from './issuer/state.ts'
import { doorOf } from './lab-door.ts'
import { NAMESPACE } from './managed-shop.ts'

/** Null: no platform with a shop runs there. */
export function shopBeside(dataDir: string): Tools | null {
  const [door, issuer] = [doorOf(dataDir), readState(dataDir)]
  if (door === null || issuer === null || runningPlatform(dataDir) === null) return null
  const recording = growingRecording(join(dataDir, 'lab/recording'), NAMESPACE)
  const clientId = 'sre-assistant'
  return {
    metrics: recordedMetrics(recording),
    logs: recordedLogs(recording),
    controlPlane: controlPlaneTool({
      url: door.controlPlane,
      client: {
        issuer: `http://127.0.0.1:${issuer.port}`,
        ...{ clientId, clientSecret: issuer.clients[clientId] ?? '' },
        ...{ scope: 'sre-platform:read', resource: audiences['control-plane'] },
      },
    }),
  }
}
