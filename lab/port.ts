/**
 * The lab's port, for programs that cannot reach the shop's processes: scrape targets and metrics, what runs and what was measured; and, with the token,
 * deployments, operations and faults. The other side is `remote.ts`.
 */
import { once } from 'node:events'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { z } from 'zod'
import { isBearer } from '../schemas/same-secret.ts'
import type { Lab } from './lab.ts'
import { LabError } from './lab-error.ts'
import type { RunningService } from './supervisor.ts'
import type { TargetGroup } from './targets.ts'

export interface LabPortOptions {
  host: string
  /** 0 takes a free one */
  port: number
  /** bearer token of changes; null: changes are refused */
  token: string | null
}

export interface LabPort {
  url: string
  close(): Promise<void>
}

const named = z.object({ name: z.string() })
const wanted = z.xor([z.strictObject({ image_tag: z.string() }), z.strictObject({ replicas: z.int() })])
const parameters = z.record(z.string(), z.string())
/** ms a fault may last */
const lasting = z.strictObject({ for_ms: z.int().min(1_000).max(86_400_000).nullable().default(null) })
const SCRAPE_MS = 5_000
const STATUS: Readonly<Record<LabError['code'], number>> = {
  ...{ unknown_service: 404, unknown_release: 404, no_script: 404, unknown_fault: 404, not_scalable: 400 },
  ...{ fault_on: 409, fault_off: 409 },
  ...{ not_ready: 502, script_failed: 502, unreachable: 502, closed: 503 },
}

/** Rejects as `listen` does. */
export async function serveLab(lab: Lab, { host, port, token }: LabPortOptions): Promise<LabPort> {
  const app = Fastify({ logger: false, bodyLimit: 4_096, forceCloseConnections: true })
  app.setErrorHandler((error, _request, reply) => refuse(reply, error))
  showMetrics(app, lab)
  const shop = () => ({ ...{ services: lab.services().map(described), releases: lab.releases, mostReplicas: lab.mostReplicas }, scripts: lab.scripts }) // prettier-ignore
  app.get('/services', shop)
  app.get('/watch', (_request, reply) => watch(lab, reply))
  await app.register(async (changes) => {
    changes.addHook('onRequest', async (request, reply) => {
      if (token === null) return reply.code(403).send({ error: 'no changes here: LAB_TOKEN is not set' })
      if (isBearer(request.headers.authorization, token)) return undefined
      return reply.code(401).send({ error: 'a change needs LAB_TOKEN as its bearer token' })
    })
    acceptChanges(changes, lab, shop)
  })
  return { url: await app.listen({ host, port }), close: () => app.close() }
}

function showMetrics(app: FastifyInstance, lab: Lab): void {
  app.get('/targets', (request): TargetGroup[] =>
    lab.replicas().map(({ name, instance }) => ({
      targets: [request.host],
      labels: { __metrics_path__: `/metrics/${instance}`, job: name, service: name, instance, namespace: 'shop' },
    })),
  )
  app.get('/metrics/:name', async (request, reply) => {
    const replica = lab.replicas().find(({ instance }) => instance === nameIn(request))
    if (replica === undefined) return reply.code(404).send({ error: `no replica ${nameIn(request)}` })
    const scraped = await fetch(`${replica.address}/metrics`, { signal: AbortSignal.timeout(SCRAPE_MS) })
    const type = scraped.headers.get('content-type') ?? 'text/plain'
    return reply
      .code(scraped.status)
      .type(type)
      .send(await scraped.text())
  })
}

/** A line of JSON for each round of samples, with the newest changes, until the client disconnects. */
async function watch(lab: Lab, reply: FastifyReply): Promise<void> {
  reply.hijack()
  reply.raw.writeHead(200, { 'content-type': 'application/x-ndjson' })
  const tell = (samples: readonly object[]) =>
    reply.raw.write(`${JSON.stringify({ services: lab.services().map(described), samples, changes: lab.changes() })}\n`)
  tell([])
  const leave = lab.onSamples(tell)
  await once(reply.raw, 'close').finally(leave)
}

/** Each responds when it is done, with the state of the shop. */
function acceptChanges(app: FastifyInstance, lab: Lab, shop: () => object): void {
  app.put('/services/:name', async (request) => {
    const body = wanted.parse(request.body)
    await ('image_tag' in body
      ? lab.deploy(nameIn(request), body.image_tag)
      : lab.scale(nameIn(request), body.replicas))
    return shop()
  })
  const operations = { rollback: lab.rollback, restart: lab.restart, hang: lab.hang }
  for (const [operation, carryOut] of Object.entries(operations))
    app.post(`/services/:name/${operation}`, async (request) => {
      await carryOut(nameIn(request))
      return shop()
    })
  app.post('/sale', () => {
    lab.sale()
    return shop()
  })
  app.get('/faults', () => lab.faults())
  app.put('/faults/:name', async (request) => {
    await lab.faultOn(nameIn(request), lasting.parse(request.body ?? {}).for_ms)
    return lab.faults()
  })
  app.delete('/faults/:name', async (request) => {
    await lab.faultOff(nameIn(request))
    return lab.faults()
  })
  app.post('/scripts/:name', async (request) => ({
    printed: await lab.runScript(nameIn(request), parameters.parse(request.body)),
  }))
}

const nameIn = (request: FastifyRequest): string => named.parse(request.params).name

/** Without addresses and process ids, which are of no use elsewhere. */
const described = ({ name, instance: _, address: _address, pid: _pid, ...rest }: RunningService) => ({ name, ...rest })

function refuse(reply: FastifyReply, error: unknown) {
  if (error instanceof LabError) return reply.code(STATUS[error.code]).send({ error: error.message, code: error.code })
  if (error instanceof z.ZodError) return reply.code(400).send({ error: z.prettifyError(error) })
  const { statusCode = 502 } = error as { statusCode?: number }
  return reply.code(statusCode).send({ error: error instanceof Error ? error.message : String(error) })
}
