/** Runs sessions one after the other, then many at once. A session's overhead is its time minus that of the slowest tool in each phase. */
import { randomUUID } from 'node:crypto'
import { openPool } from '../../bus/postgres/pool.ts'
import { parseInstant } from '../../recording/instant.ts'
import { readIncident } from '../../recording/read.ts'
import type { AgentUsage, DiagnosisRequested } from '../../schemas/events.generated.ts'
import { mean } from '../rankings/measures.ts'
import { type Platform, RECORDING } from './platform.ts'

export interface Measured {
  /** ms beyond the tools' time for single sessions, ascending */
  alone: number[]
  /** concurrent sessions, and their total time */
  sessions: number
  seconds: number
  toolCalls: number
  /** CPU ms of this process per session: assistant, gateway and this measurement */
  cpuMs: number
  /** mean ms of each step under load */
  steps: { name: string; ms: number; count: number }[]
}

/** Tool calls of one session. Queries of one phase run in parallel, so a phase takes as long as its slowest. */
interface Tools {
  calls: number
  /** ms of the slowest */
  orient: number
  gather: number
}

const WARM_UP = 5
const TOGETHER = 20
const ANSWER_MS = 120_000

export async function measure(platform: Platform, counts: { alone: number; sessions: number }): Promise<Measured> {
  const { bus, contract } = platform
  const completed = new Map<string, number>()
  const waiting = new Map<string, () => void>()
  const told = new Map<string, Tools>()

  const countTool = ({ session_id, operation, latency_ms }: AgentUsage) => {
    const tools = told.get(session_id!) ?? { calls: 0, orient: 0, gather: 0 }
    const phase = ['resources', 'alerts'].includes(operation!) ? 'orient' : 'gather'
    told.set(session_id!, { ...tools, calls: tools.calls + 1, [phase]: Math.max(tools[phase], latency_ms) })
  }
  /** All sessions make the same queries: one with fewer reported calls has not reported all of them yet. */
  const haveToldAll = (sessions: readonly string[]) => {
    const most = Math.max(...[...told.values()].map(({ calls }) => calls))
    return sessions.every((session) => told.get(session)?.calls === most)
  }
  const consumption = await bus.subscribe({
    group: `bench-${randomUUID()}`,
    consumer: 'gateway',
    from: 'latest',
    topics: [contract.topicOf('DiagnosisCompleted').name, contract.topicOf('AgentUsage').name],
    handle(records) {
      for (const { event, value } of records) {
        if (event === 'AgentUsage') countTool(value)
        if (event !== 'DiagnosisCompleted') continue
        if (value.status !== 'completed') throw new Error(`a session ended as ${value.status}: ${value.reason}`)
        completed.set(value.session_id, performance.now())
        waiting.get(value.session_id)?.()
      }
      return Promise.resolve([])
    },
  })
  const request = requestMaker(Math.round(parseInstant((await readIncident(RECORDING)).window.end)))
  const publish = async (requests: readonly DiagnosisRequested[]) =>
    bus.publish(await Promise.all(requests.map((one) => bus.encode('DiagnosisRequested', one))))
  const answer = (session: string) =>
    new Promise<void>((resolve, reject) => {
      if (completed.has(session)) return resolve()
      const late = setTimeout(() => reject(new Error(`session ${session} got no answer`)), ANSWER_MS)
      waiting.set(session, () => {
        clearTimeout(late)
        resolve()
      })
    })

  const totals: { session: string; ms: number }[] = []
  for (let index = 0; index < counts.alone + WARM_UP; index++) {
    const one = request()
    const began = performance.now()
    await publish([one])
    await answer(one.session_id)
    totals.push({ session: one.session_id, ms: completed.get(one.session_id)! - began })
  }
  await until(() => haveToldAll(totals.map(({ session }) => session)))
  const alone = totals
    .slice(WARM_UP)
    .map(({ session, ms }) => ms - told.get(session)!.orient - told.get(session)!.gather)

  const many = Array.from({ length: counts.sessions }, request)
  const [began, cpu] = [performance.now(), process.cpuUsage()]
  for (let index = 0; index < many.length; index += TOGETHER) await publish(many.slice(index, index + TOGETHER))
  await Promise.all(many.map((one) => answer(one.session_id)))
  const seconds = (performance.now() - began) / 1000
  const used = process.cpuUsage(cpu)
  await until(() => haveToldAll(many.map(({ session_id }) => session_id)))
  await consumption.stop()
  return {
    alone: alone.sort((a, b) => a - b),
    sessions: many.length,
    seconds,
    toolCalls: mean(many.map(({ session_id }) => told.get(session_id)!.calls)),
    cpuMs: (used.user + used.system) / 1000 / many.length,
    steps: await steps(platform.databaseUrl),
  }
}

async function until(holds: () => boolean): Promise<void> {
  for (const limit = Date.now() + ANSWER_MS; !holds();) {
    if (Date.now() > limit) throw new Error('the usage of some tools was never reported')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

async function steps(databaseUrl: string): Promise<Measured['steps']> {
  const pool = openPool({ connectionString: databaseUrl, max: 1 })
  const { rows } = await pool.query<Measured['steps'][number]>(
    `SELECT regexp_replace(function_name, ' \\d+$', '') AS name, count(*)::int AS count,
       round(avg(completed_at_epoch_ms - started_at_epoch_ms), 1)::float AS ms
     FROM dbos.operation_outputs WHERE completed_at_epoch_ms IS NOT NULL GROUP BY 1 ORDER BY 3 DESC`,
  )
  await pool.end()
  return rows
}

const requestMaker = (end: number) => (): DiagnosisRequested => ({
  event_id: randomUUID(),
  session_id: randomUUID(),
  sequence: 0,
  tenant: 'default',
  occurred_at: Date.now(),
  kind: 'alert',
  service: 'cart',
  namespace: null,
  severity: 'P2',
  incident_ids: [],
  alert_ids: [],
  deployment_id: null,
  affected_services: [],
  window_start: null,
  window_end: end,
  question: null,
  max_execution_ms: null,
  requested_by: 'bench|bench',
  context: {},
})
