/** Asks an assistant for sessions over real sources: one alone, many at once about now, many at once that share nothing, and as many as a queue holds. */
import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { Bus } from '../../bus/bus.ts'
import { openPool } from '../../bus/postgres/pool.ts'
import type { Contract } from '../../schemas/contract.ts'
import type { DiagnosisRequested } from '../../schemas/events.generated.ts'
import type { Assistant } from './assistant.ts'
import { cpuOf, machineCpu, watchMemory } from './processes.ts'
import { SERVICES } from './services.ts'

export interface LiveCounts {
  /** sessions of a time range of their own, one after the other */
  alone: number
  /** sessions asked at once, about now */
  sessions: number
  /** sessions asked at once, each of a time range of its own */
  apart: number
  /** sessions asked at once to fill the queue */
  queued: number
}

/** Sessions asked at once. */
export interface Batch {
  /** ms from the first request to each result, ascending */
  ms: number[]
  statuses: Record<string, number>
  /** bytes a session in PostgreSQL, with indexes: evidence, and the whole database with it */
  evidenceBytes: number
  databaseBytes: number
  /** bytes of WAL a session */
  walBytes: number
  /** CPU seconds a session by process */
  cpu: Map<string, number>
  /** the part of the machine's CPU time that went to processes not measured here */
  others: number
  /** largest memory of the assistant, bytes */
  memory: number
}

export interface LiveMeasured {
  /** ms from request to result, ascending */
  alone: number[]
  together: Batch
  apart: Batch | null
  /** largest memory of the assistant with the queue filled, bytes */
  queuedMemory: number | null
}

const ANSWER_MS = 30 * 60_000
/** The assistant is watched for so long after its queue was filled. */
const QUEUED_MS = 120_000
const PUBLISHED_TOGETHER = 50
const MINUTE_MS = 60_000
/** between the time ranges of sessions that share nothing */
const APART_MS = 7000

export interface LiveOptions {
  assistant: Assistant
  bus: Bus
  contract: Contract
  counts: LiveCounts
  /** servers and their processes */
  pids: ReadonlyMap<string, number>
}

export async function measureLive({ assistant, bus, contract, counts, pids }: LiveOptions): Promise<LiveMeasured> {
  const answered = new Map<string, { at: number; status: string }>()
  const consumption = await bus.subscribe({
    group: `bench-${randomUUID()}`,
    consumer: 'gateway',
    from: 'latest',
    topics: [contract.topicOf('DiagnosisCompleted').name],
    handle(records) {
      for (const { event, value } of records)
        if (event === 'DiagnosisCompleted') answered.set(value.session_id, { at: performance.now(), status: value.status }) // prettier-ignore
      return Promise.resolve([])
    },
  })
  const publish = async (requests: readonly DiagnosisRequested[]) => {
    for (let at = 0; at < requests.length; at += PUBLISHED_TOGETHER)
      await bus.publish(await Promise.all(requests.slice(at, at + PUBLISHED_TOGETHER).map((one) => bus.encode('DiagnosisRequested', one)))) // prettier-ignore
  }
  const ask = async (requests: readonly DiagnosisRequested[], limitMs = ANSWER_MS): Promise<number[]> => {
    const began = performance.now()
    await publish(requests)
    const done = () => requests.every(({ session_id }) => answered.has(session_id))
    for (; !done() && performance.now() - began < limitMs; await wait(20)) assistant.check()
    return requests
      .flatMap(({ session_id }) => (answered.get(session_id)?.at ?? Infinity) - began)
      .sort((a, b) => a - b)
  }
  const watched = new Map([['assistant', assistant.pid], ...pids])
  const pool = openPool({ connectionString: assistant.databaseUrl, max: 1 })
  const now = async () => ({ ...(await sizes(pool)), cpu: cpuOf(watched), machine: machineCpu() })

  async function batch(requests: readonly DiagnosisRequested[]): Promise<Batch> {
    const before = await now()
    const memory = watchMemory(assistant.pid)
    const ms = await ask(requests).finally(memory.stop)
    const after = await now()
    const used = [...watched.keys()].map((name) => [name, after.cpu.get(name)! - before.cpu.get(name)!] as const)
    const ours = used.reduce((sum, [, seconds]) => sum + seconds, 0)
    const each = (name: 'evidence' | 'database' | 'wal') => (after[name] - before[name]) / requests.length
    return {
      ms,
      statuses: countBy(requests.map(({ session_id }) => answered.get(session_id)?.status ?? 'unanswered')),
      ...{ evidenceBytes: each('evidence'), databaseBytes: each('database'), walBytes: each('wal') },
      cpu: new Map(used.map(([name, seconds]) => [name, seconds / requests.length])),
      others: (after.machine.busy - before.machine.busy - ours) / (after.machine.all - before.machine.all),
      memory: memory.peak(),
    }
  }

  try {
    await ask([request(0, { ago: 30 * MINUTE_MS })])
    const alone: number[] = []
    for (let index = 0; index < counts.alone; index++) alone.push(...(await ask([request(index, { ago: (index + 1) * MINUTE_MS })]))) // prettier-ignore
    const together = await batch(Array.from({ length: counts.sessions }, (_, index) => request(index)))
    const apart = counts.apart === 0 ? null : await batch(Array.from({ length: counts.apart }, (_, index) => request(index, { ago: (index + 1) * APART_MS }))) // prettier-ignore
    return { alone: alone.sort((a, b) => a - b), together, apart, queuedMemory: await queued(counts.queued) }
  } finally {
    await consumption.stop()
    await pool.end()
  }

  async function queued(sessions: number): Promise<number | null> {
    if (sessions === 0) return null
    const memory = watchMemory(assistant.pid)
    await ask(Array.from({ length: sessions }, (_, index) => request(index)), QUEUED_MS).finally(memory.stop) // prettier-ignore
    return memory.peak()
  }
}

async function sizes(pool: ReturnType<typeof openPool>): Promise<Record<'evidence' | 'database' | 'wal', number>> {
  const { rows } = await pool.query<Record<'evidence' | 'database' | 'wal', string>>(
    `SELECT (SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'evidence'::regnamespace) AS evidence,
       pg_database_size(current_database()) AS database, pg_current_wal_lsn() - '0/0'::pg_lsn AS wal`,
  )
  const { evidence, database, wal } = rows[0]!
  return { evidence: Number(evidence), database: Number(database), wal: Number(wal) }
}

const countBy = (words: readonly string[]): Record<string, number> =>
  Object.fromEntries([...Map.groupBy(words, (word) => word)].map(([word, all]) => [word, all.length]))

/** `ago`: ms before now that the time range ends; absent: it ends now, as in a request that states none. */
function request(index: number, { ago }: { ago?: number } = {}): DiagnosisRequested {
  const now = Date.now()
  return {
    ...{ event_id: randomUUID(), session_id: randomUUID(), sequence: 0, tenant: 'default', occurred_at: now },
    ...{ kind: 'alert', service: SERVICES[index % SERVICES.length]!, namespace: null, severity: 'P2' },
    ...{ incident_ids: [], alert_ids: [], deployment_id: null, affected_services: [], window_start: null },
    ...{ window_end: ago === undefined ? null : now - ago, question: null, max_execution_ms: 600_000 },
    ...{ requested_by: 'bench|bench', context: {} },
  }
}
