/** The demo shop, with the tools agents use on it. */
import type { ToolCheck } from '../agents/runtime/status.ts'
import { controlPlaneCheck, recordingCheck } from '../agents/tools/checks.ts'
import { controlPlaneActing, controlPlaneTool } from '../agents/tools/live.ts'
import { recordedLogs } from '../agents/tools/recording/logs.ts'
import { recordedMetrics } from '../agents/tools/recording/metrics.ts'
import { growingRecording } from '../agents/tools/recording/source.ts'
import type { ControlPlaneTool, ControlPlaneWriter, Tools } from '../agents/tools/tools.ts'
import type { Issuer } from './issuer.ts'
import { audiences } from './issuer/access.ts'
import { type ManagedShop, type ManagedShopOptions, NAMESPACE, startManagedShop } from './managed-shop.ts'

export interface Shop extends ManagedShop {
  tools: Tools
  /** for the postmortem agent: read only */
  looking: ControlPlaneTool
  /** for the executor only */
  acting: { controlPlane: ControlPlaneTool; writer: ControlPlaneWriter }
  /** whether each agent's tools answer */
  checks: Readonly<Record<'assistant' | 'executor' | 'postmortem', readonly ToolCheck[]>>
}

type ShopOptions = Omit<ManagedShopOptions, 'issuerUrl' | 'audience'> & { issuer: Issuer }

export async function startShop({ issuer, ...options }: ShopOptions): Promise<Shop> {
  const managed = await startManagedShop({ ...options, issuerUrl: issuer.url, audience: 'control-plane' })
  const clientOf = (clientId: string, scope: string) => ({
    url: managed.controlPlaneUrl,
    client: {
      issuer: issuer.url,
      clientId,
      clientSecret: issuer.clients[clientId] ?? '',
      scope,
      resource: audiences['control-plane'],
    },
  })
  const recording = growingRecording(managed.lab.recordingDir, NAMESPACE)
  const acting = clientOf('sre-executor', 'sre-platform:read sre-platform:write')
  const [reading, looking, writing] = [
    controlPlaneTool(clientOf('sre-assistant', 'sre-platform:read')),
    controlPlaneTool(clientOf('sre-postmortem', 'sre-platform:read')),
    controlPlaneTool(acting),
  ]
  const checksWith = (tool: ControlPlaneTool) => [
    recordingCheck(recording),
    controlPlaneCheck(managed.controlPlaneUrl, tool),
  ]
  return {
    ...managed,
    tools: { metrics: recordedMetrics(recording), logs: recordedLogs(recording), controlPlane: reading },
    looking,
    acting: { controlPlane: writing, writer: controlPlaneActing(acting) },
    checks: {
      assistant: checksWith(reading),
      executor: checksWith(writing),
      postmortem: [controlPlaneCheck(managed.controlPlaneUrl, looking)],
    },
  }
}
