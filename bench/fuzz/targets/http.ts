/** A gateway's HTTP surface, on its own PostgreSQL. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { createBus, preparePostgresBus } from '../../../bus/create.ts'
import { startIssuer } from '../../../embedded/issuer.ts'
import { startLocalPostgres } from '../../../embedded/postgres.ts'
import { serveGateway } from '../../../gateway/serve.ts'
import { loadContract } from '../../../schemas/contract.ts'
import { openSigningKeys } from '../../../schemas/signing-keys.ts'
import { tokenFrom } from '../http/tokens.ts'
import type { Request } from '../http/requests.ts'
import { prepareSurface, unlimited } from '../http/surface.ts'
import { httpTarget } from '../http/target.ts'
import type { Target } from '../runner.ts'
import { singleTenant } from '../../../tenants/tenants.ts'

export async function open(): Promise<Target<readonly Request[]>> {
  const dataDir = mkdtempSync(join(tmpdir(), 'sre-fuzz-'))
  const contract = loadContract()
  const postgres = await startLocalPostgres(dataDir)
  await preparePostgresBus(postgres.url, contract)
  const bus = await createBus({ kind: 'postgres', databaseUrl: postgres.url, contract })
  const issuer = await startIssuer({ dataDir })
  const gateway = await serveGateway({
    ...{ databaseUrl: postgres.url, bus, contract, host: '127.0.0.1', port: 0, limits: unlimited },
    log: pino({ level: 'error' }, pino.destination(2)),
    tenants: singleTenant,
    // no agent looks incidents up here
    incidentWaitMs: 100,
    identity: { issuer: issuer.url },
    decisions: { issuer: 'sre-gateway', keys: await openSigningKeys({ dir: join(dataDir, 'keys') }) },
  })
  const surface = await prepareSurface({ url: gateway.url, bus, contract, signIn: (who) => tokenFrom(issuer, who) })
  const target = httpTarget(surface)
  return {
    ...target,
    async close() {
      await target.close?.()
      await surface.close()
      await gateway.close()
      await bus.close()
      await issuer.close()
      await postgres.close()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}
