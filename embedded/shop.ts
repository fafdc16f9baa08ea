/** The demo shop, with the tools agents use on it. */
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
  /** for the executor only */
  acting: { controlPlane: ControlPlaneTool; writer: ControlPlaneWriter }
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
  return {
    ...managed,
    tools: {
      metrics: recordedMetrics(recording),
      logs: recordedLogs(recording),
      controlPlane: controlPlaneTool(clientOf('sre-assistant', 'sre-platform:read')),
    },
    acting: { controlPlane: controlPlaneTool(acting), writer: controlPlaneActing(acting) },
  }
}
