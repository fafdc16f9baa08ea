/**
 * Records the shop and the control-plane around two deployments: `node test/scenarios/record-shop.ts`. Run manually when the shop changes;
 * its output is the recordings shop-01 and shop-02 in this folder.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { createBus, preparePostgresBus } from '../../bus/create.ts'
import { openPool } from '../../bus/postgres/pool.ts'
import { createControlPlane, prepareControlPlane } from '../../embedded/control-plane/control-plane.ts'
import { startIssuer } from '../../embedded/issuer.ts'
import { audiences } from '../../embedded/issuer/access.ts'
import { singleTenant } from '../../tenants/tenants.ts'
import { signIn } from '../../embedded/issuer/sign-in.ts'
import { startLocalPostgres } from '../../embedded/postgres.ts'
import { startLab } from '../../lab/lab.ts'
import { badDeployment, harmlessDeployment } from '../../lab/scenario.ts'
import { loadContract } from '../../schemas/contract.ts'

const quietMs = 90_000
const scenarios = [
  {
    id: 'shop-01',
    title: 'An alert of the shop, shortly after a deployment',
    deployment: badDeployment,
    truth: { root_causes: [{ service: 'cart', kind: 'deployment' }] },
    awaitsAlert: true,
  },
  {
    id: 'shop-02',
    title: 'A deployment to the shop',
    deployment: harmlessDeployment,
    truth: { root_causes: [] },
    awaitsAlert: false,
  },
]

for (const { id, title, deployment, truth, awaitsAlert } of scenarios) {
  const dataDir = mkdtempSync(join(tmpdir(), 'record-shop-'))
  const contract = loadContract()
  const postgres = await startLocalPostgres(dataDir)
  await prepareControlPlane(postgres.url)
  await preparePostgresBus(postgres.url, contract)
  const bus = await createBus({ kind: 'postgres', databaseUrl: postgres.url, contract })
  const pool = openPool({ connectionString: postgres.url })
  const issuer = await startIssuer({ dataDir })
  const lab = await startLab({ dataDir: join(dataDir, 'lab') })
  const controlPlane = await createControlPlane({
    pool,
    bus,
    lab,
    issuerUrl: issuer.url,
    audience: 'control-plane',
    dataDir,
    tenants: singleTenant,
  })
  const url = await controlPlane.start()
  const person = issuer.people.find(({ username }) => username === 'root')
  if (person === undefined) throw new Error('nobody may deploy')
  const { username, password } = person
  await delay(quietMs)
  const { accessToken } = await signIn({ issuer: issuer.url, username, password, resource: audiences['control-plane'] })
  const headers = { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' }
  const get = async (path: string): Promise<{ id: string; summary?: string; severity?: string; labels?: object }[]> =>
    ((await (await fetch(`${url}/api/v1/${path}`, { headers })).json()) as { items: [] }).items

  const deployedAt = Date.now()
  const body = JSON.stringify({ service_name: deployment.service, image_tag: deployment.imageTag })
  const answer = (await (await fetch(`${url}/api/v1/deployments`, { method: 'POST', headers, body })).json()) as object
  while (awaitsAlert && (await get('alerts?status=firing')).length === 0) await delay(200)
  await delay(awaitsAlert ? 5_000 : 30_000)
  const askedAt = Date.now()
  const range = `start_time=${new Date(deployedAt - 3_600_000).toISOString()}&end_time=${new Date(askedAt).toISOString()}`
  const documents = {
    'changes.json': await get(`audit-logs?${range}`),
    'alerts.json': await get('alerts'),
    'incidents.json': await get('incidents'),
    'deployments.json': await get('deployments'),
  }
  await controlPlane.stop()
  await lab.close()

  const target = join(import.meta.dirname, id)
  rmSync(target, { recursive: true, force: true })
  mkdirSync(target)
  const write = (name: string, value: unknown) =>
    writeFileSync(join(target, name), `${JSON.stringify(value, null, 1)}\n`)
  for (const name of ['metrics.csv', 'logs.jsonl'])
    writeFileSync(join(target, `${name}.gz`), gzipSync(readFileSync(join(lab.recordingDir, name)), { level: 9 }))
  writeFileSync(join(target, 'graph.json'), readFileSync(join(lab.recordingDir, 'graph.json')))
  for (const [name, items] of Object.entries(documents)) write(name, items)
  const first = documents['alerts.json'].at(-1)
  write('incident.json', {
    id,
    title,
    asked_at: new Date(askedAt).toISOString(),
    window: { start: new Date(deployedAt - quietMs + 15_000).toISOString(), end: new Date(askedAt).toISOString() },
    ...(first === undefined
      ? { request: { kind: 'deployment', context: { deployment_id: (answer as { id: string }).id } } }
      : {
          alert: { service: 'cart', summary: first.summary, severity: first.severity, labels: first.labels },
          request: { kind: 'alert', alert_ids: [first.id] },
        }),
    source: { name: 'the lab of this repository', license: 'MIT' },
  })
  writeFileSync(join(import.meta.dirname, `../../bench/truth/${id}.json`), `${JSON.stringify(truth, null, 1)}\n`)
  await bus.close()
  await pool.end()
  await issuer.close()
  await postgres.close()
  rmSync(dataDir, { recursive: true })
}
