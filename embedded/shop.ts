/** Something to look at and to act on: the lab's services, and the control-plane that manages them. */
import { join } from 'node:path'
import type { Logger } from 'pino'
import { controlPlaneActing, controlPlaneTool } from '../agents/tools/live.ts'
import { recordedLogs } from '../agents/tools/recording/logs.ts'
import { recordedMetrics } from '../agents/tools/recording/metrics.ts'
import { growingRecording } from '../agents/tools/recording/source.ts'
import type { ControlPlaneTool, ControlPlaneWriter, Tools } from '../agents/tools/tools.ts'
import type { Bus } from '../bus/bus.ts'
import { openPool } from '../bus/postgres/pool.ts'
import { type Lab, startLab } from '../lab/lab.ts'
import type { Tenants } from '../tenants/tenants.ts'
import { createControlPlane, prepareControlPlane } from './control-plane/control-plane.ts'
import { forgetTold } from './control-plane/retention.ts'
import type { Issuer } from './issuer.ts'
import { audiences } from './issuer/access.ts'

interface ShopOptions {
  dataDir: string
  databaseUrl: string
  bus: Bus
  issuer: Issuer
  tenants: Tenants
  log: Logger
  onStarted(part: string): void
  /** what ends each part that is up, the last one first */
  ends: (() => Promise<unknown>)[]
}

export interface Shop {
  lab: Lab
  controlPlaneUrl: string
  tools: Tools
  /** for the executor alone */
  acting: { controlPlane: ControlPlaneTool; writer: ControlPlaneWriter }
  /** what the agents' retention forgets beside */
  forget: ReturnType<typeof forgetTold>
  /** settles when the control-plane hears nothing from the bus any more */
  failed: Promise<Error>
}

const NAMESPACE = 'shop'

export async function startShop(options: ShopOptions): Promise<Shop> {
  const { dataDir, databaseUrl, bus, issuer, tenants, log, onStarted, ends } = options
  await prepareControlPlane(databaseUrl)
  const lab = await startLab({ dataDir: join(dataDir, 'lab') })
  ends.push(() => lab.close())
  onStarted('shop of five services')
  const pool = openPool({ connectionString: databaseUrl, max: 10 }, (error) =>
    log.warn({ error: error.message }, 'database connection lost'),
  )
  ends.push(() => pool.end())
  const controlPlane = await createControlPlane({
    ...{ pool, bus, tenants, log },
    lab: { services: lab.services, releases: lab.releases, deploy: lab.deploy, onSamples: lab.onSamples },
    issuerUrl: issuer.url,
    audience: 'control-plane',
    dataDir: join(dataDir, 'control-plane'),
    namespace: NAMESPACE,
  })
  const controlPlaneUrl = await controlPlane.start()
  ends.push(() => controlPlane.stop())
  onStarted('control-plane')
  const clientOf = (clientId: string, scope: string) => ({
    url: controlPlaneUrl,
    client: {
      issuer: issuer.url,
      clientId,
      clientSecret: issuer.clients[clientId] ?? '',
      scope,
      resource: audiences['control-plane'],
    },
  })
  const recording = growingRecording(lab.recordingDir, NAMESPACE)
  const acting = clientOf('sre-executor', 'sre-platform:read sre-platform:write')
  return {
    lab,
    controlPlaneUrl,
    tools: {
      metrics: recordedMetrics(recording),
      logs: recordedLogs(recording),
      controlPlane: controlPlaneTool(clientOf('sre-assistant', 'sre-platform:read')),
    },
    acting: { controlPlane: controlPlaneTool(acting), writer: controlPlaneActing(acting) },
    forget: forgetTold(pool),
    failed: controlPlane.failed,
  }
}
