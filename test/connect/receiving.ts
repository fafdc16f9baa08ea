/** A webhook server on a bus of its own, and what it published. */
import pino from 'pino'
import { Registry } from 'prom-client'
import { expect } from 'vitest'
import { type Bus, BusError } from '../../bus/bus.ts'
import { createBus, preparePostgresBus } from '../../bus/create.ts'
import { SETTLED } from '../../bus/postgres/log.ts'
import { openPool } from '../../bus/postgres/pool.ts'
import { type Mapping, noMapping } from '../../connect/mapping.ts'
import { createRecorder } from '../../connect/recorder.ts'
import { serveWebhook, type WebhookServerOptions } from '../../connect/server.ts'
import { loadContract } from '../../schemas/contract.ts'
import type { ChangeRecorded } from '../../schemas/events.generated.ts'
import { singleTenant, type Tenants } from '../../tenants/tenants.ts'
import { createDatabase } from '../servers/postgres.ts'

const contract = loadContract()
export const SECRET = 'a-secret-that-only-this-test-knows'

export interface Receiving {
  bus: Bus
  url: string
  post(body: unknown, headers?: Record<string, string>): Promise<{ status: number; headers: Headers; body: Answer }>
  /** every published change, oldest first */
  published(): Promise<ChangeRecorded[]>
  count(source: string, outcome: string): Promise<number>
  log: string[]
  close(): Promise<void>
}

interface Answer {
  error?: string
  message?: string
  recorded?: boolean
  change_id?: string
  request_id?: string
}

interface Given {
  mapping?: Mapping
  tenants?: Tenants
  bodyBytes?: number
  /** default: one of its own on the shared server */
  databaseUrl?: string
}

export async function receiving(kind: WebhookServerOptions['kind'], given: Given = {}): Promise<Receiving> {
  const database =
    given.databaseUrl === undefined
      ? await createDatabase('connect')
      : { url: given.databaseUrl, drop: () => Promise.resolve() }
  await preparePostgresBus(database.url, contract)
  const bus = await createBus({ kind: 'postgres', databaseUrl: database.url, contract })
  const registry = new Registry()
  const log: string[] = []
  const server = await serveWebhook({
    ...{ kind, secret: SECRET, host: '127.0.0.1', port: 0, bodyBytes: given.bodyBytes ?? 100_000 },
    mapping: given.mapping ?? noMapping,
    recorder: createRecorder({ bus, tenants: given.tenants ?? singleTenant, registry }),
    log: pino({}, { write: (line: string) => void log.push(line) }),
  })
  const pool = openPool({ connectionString: database.url, max: 1 })
  /** Records that a reader does not see yet: a transaction that began before them is open, possibly of another test. */
  const unsettled = async () => (await pool.query(`SELECT FROM bus.records WHERE NOT ${SETTLED}`)).rowCount
  return {
    ...{ bus, url: server.url, log },
    async post(body, headers = {}) {
      const text = typeof body === 'string' ? body : JSON.stringify(body)
      const answer = await fetch(server.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: text,
      })
      return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Answer }
    },
    async published() {
      await expect.poll(unsettled).toBe(0)
      return changesOn(bus)
    },
    async count(source, outcome) {
      const metric = await registry.getSingleMetric('sre_connect_changes_total')!.get()
      const found = metric.values.find(({ labels }) => labels['source'] === source && labels['outcome'] === outcome)
      return found?.value ?? 0
    },
    async close() {
      await server.close()
      await bus.close()
      await pool.end()
      await database.drop()
    },
  }
}

export async function changesOn(bus: Bus): Promise<ChangeRecorded[]> {
  const changes: ChangeRecorded[] = []
  for await (const delivery of bus.browse(contract.topicOf('ChangeRecorded').name)) {
    const { event, value } = await bus.decode(delivery)
    if (event !== 'ChangeRecorded') throw new BusError('wrong_record', event)
    changes.push(value)
  }
  return changes
}
