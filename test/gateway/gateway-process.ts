/** A gateway as a process of its own, which dies of SIGKILL just before or just after it publishes. Told by one JSON argument. */
import { pino } from 'pino'
import type { Bus } from '../../bus/bus.ts'
import { createBus } from '../../bus/create.ts'
import { serveGateway } from '../../gateway/serve.ts'
import { loadContract } from '../../schemas/contract.ts'
import { openSigningKeys } from '../../schemas/signing-keys.ts'

export interface Told {
  databaseUrl: string
  issuer: string
  decisionIssuer: string
  keysDir: string
  dieAt: 'before publishing' | 'after publishing'
}

const { databaseUrl, issuer, decisionIssuer, keysDir, dieAt }: Told = JSON.parse(process.argv[2] ?? '')
const contract = loadContract()
const real = await createBus({ kind: 'postgres', databaseUrl, contract })
const bus: Bus = {
  ...real,
  async publish(records) {
    if (dieAt === 'after publishing') await real.publish(records)
    process.kill(process.pid, 'SIGKILL')
  },
}
const gateway = await serveGateway({
  databaseUrl,
  bus,
  contract,
  identity: { issuer },
  decisions: { issuer: decisionIssuer, keys: await openSigningKeys({ dir: keysDir }) },
  log: pino({ level: 'silent' }),
  host: '127.0.0.1',
  port: 0,
})
console.log(gateway.url)
