/** A gateway as a separate process that kills itself just before or after it publishes or folds. Configured by one JSON argument. */
import { pino } from 'pino'
import type { Bus } from '../../bus/bus.ts'
import { type BusOptions, createBus } from '../../bus/create.ts'
import { serveGateway } from '../../gateway/serve.ts'
import { loadContract } from '../../schemas/contract.ts'
import { openSigningKeys } from '../../schemas/signing-keys.ts'
import type { WithoutContract } from '../runtime/counting.ts'
import { ownTopics } from './own-topics.ts'
import { singleTenant } from '../../tenants/tenants.ts'

export interface Told {
  databaseUrl: string
  bus: WithoutContract<BusOptions>
  /** prefix of its topic names */
  prefix: string
  issuer: string
  decisionIssuer: string
  keysDir: string
  dieAt: 'before publishing' | 'after publishing' | 'before folding' | 'after folding'
}

const { databaseUrl, prefix, issuer, decisionIssuer, keysDir, dieAt, ...told }: Told = JSON.parse(process.argv[2] ?? '')
const contract = ownTopics(loadContract(), prefix)
const real = await createBus({ ...told.bus, contract } as BusOptions)
const die = (at: Told['dieAt']) => at === dieAt && process.kill(process.pid, 'SIGKILL')
const bus: Bus = {
  ...real,
  async publish(records) {
    die('before publishing')
    await real.publish(records)
    die('after publishing')
  },
  subscribe: (subscription) =>
    real.subscribe({
      ...subscription,
      async handle(records) {
        die('before folding')
        const rejections = await subscription.handle(records)
        die('after folding')
        return rejections
      },
    }),
}
const gateway = await serveGateway({
  databaseUrl,
  bus,
  contract,
  identity: { issuer },
  tenants: singleTenant,
  decisions: { issuer: decisionIssuer, keys: await openSigningKeys({ dir: keysDir }) },
  log: pino({ level: 'silent' }),
  host: '127.0.0.1',
  port: 0,
})
console.log(gateway.url)
