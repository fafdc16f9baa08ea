/** A control-plane as a separate process that a test may kill. It prints `held` at the place where it must stop, and its URL once it is up. */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { z } from 'zod'
import { createControlPlane } from '../../embedded/control-plane/control-plane.ts'
import type { ManagedServices } from '../../embedded/control-plane/managed-services.ts'
import type { Bus } from '../../bus/bus.ts'
import { type BusOptions, createBus } from '../../bus/create.ts'
import { openPool } from '../../bus/postgres/pool.ts'
import { loadContract } from '../../schemas/contract.ts'
import type { WithoutContract } from '../runtime/counting.ts'
import { singleTenant } from '../../tenants/tenants.ts'

const options = z
  .object({
    databaseUrl: z.string(),
    bus: z.custom<WithoutContract<BusOptions>>(),
    issuerUrl: z.string(),
    dataDir: z.string(),
    hold: z.enum(['before the effect', 'after the effect', 'before the event', 'after the event', 'nowhere']),
  })
  .parse(JSON.parse(process.argv[2] ?? '{}'))

export type ProcessOptions = typeof options

const tell = (message: object) => process.send?.(message)
const hold = (at: string) => (at === options.hold ? new Promise<void>(() => tell({ type: 'held' })) : Promise.resolve())

/** One service, with its release in a file and each deployment as a line in another. */
const stateFile = `${options.dataDir}/cart`
if (!existsSync(stateFile)) writeFileSync(stateFile, 'cart:1.5.0')
const unneeded = () => Promise.reject(new Error('not in this test'))
const lab: ManagedServices = {
  services: () => [
    { name: 'cart', imageTag: readFileSync(stateFile, 'utf8'), replicas: 1, startedAt: 0, dependsOn: [] },
  ],
  ...{ mostReplicas: 5, scripts: {} },
  ...{ restart: unneeded, scale: unneeded, runScript: unneeded },
  releases: { cart: ['cart:1.4.2', 'cart:1.5.0'] },
  deploy: async (_service, imageTag) => {
    await hold('before the effect')
    appendFileSync(`${options.dataDir}/deployed`, `${imageTag}\n`)
    writeFileSync(stateFile, imageTag)
    await hold('after the effect')
  },
  onSamples: () => () => undefined,
}

const pool = openPool({ connectionString: options.databaseUrl, max: 5 })
const opened = await createBus({ ...options.bus, contract: loadContract() } as BusOptions)
const bus: Bus = {
  ...opened,
  publish: async (records) => {
    await hold('before the event')
    await opened.publish(records)
    await hold('after the event')
  },
}
const { issuerUrl, dataDir } = options
const controlPlane = await createControlPlane({
  pool,
  bus,
  lab,
  issuerUrl,
  dataDir,
  audience: 'control-plane',
  tenants: singleTenant,
})
tell({ type: 'up', url: await controlPlane.start() })
process.on('disconnect', () => process.exit(0))
process.on('SIGTERM', () => {
  void (async () => {
    await controlPlane.stop()
    await bus.close()
    await pool.end()
    process.exit(0)
  })()
})
