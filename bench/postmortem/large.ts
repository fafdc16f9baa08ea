/** One report of ten thousand events, in a process of its own, whose memory is measured. */
import { randomUUID } from 'node:crypto'
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { fold, preparePostmortems } from '../../agents/postmortem/fold.ts'
import { openPool } from '../../bus/postgres/pool.ts'
import { startLocalPostgres } from '../../embedded/postgres.ts'

const INCIDENT = 'INC-1'
const [SESSIONS, ANSWERS] = [100, 98]
const START = Date.parse('2026-11-02T08:00:00Z')
const SERVICES = Array.from({ length: 49 }, (_, place) => `service-${place}`)
const INDICATORS = ['request_rate', 'error_rate', 'error_ratio', 'latency_p95']
const SAMPLES = 60

export interface Large {
  events: number
  /** of the answers in the events */
  megabytes: number
  /** ms of the whole report, and of reading and parsing the same rows, in processes of their own */
  ms: number
  readMs: number
  /** largest resident memory of the two processes, bytes */
  memory: number
  readMemory: number
  /** of the report's process before it began, bytes */
  idle: number
}

export interface Part {
  ms: number
  memory: number
  idle: number
}

export async function measureLarge(): Promise<Large> {
  const dataDir = mkdtempSync(join(tmpdir(), 'sre-bench-postmortem-'))
  const postgres = await startLocalPostgres(dataDir)
  const megabytes = await fill(postgres.url)
  const part = async (name: string): Promise<Part> => {
    const { stdout } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'part.ts'), name, postgres.url]) // prettier-ignore
    return JSON.parse(stdout) as Part
  }
  const read = await part('read')
  const report = await part('report')
  await postgres.close()
  rmSync(dataDir, { recursive: true, force: true })
  return { events: SESSIONS * (ANSWERS + 2), megabytes, ms: report.ms, readMs: read.ms, memory: report.memory, idle: report.idle, readMemory: read.memory } // prettier-ignore
}

async function fill(databaseUrl: string): Promise<number> {
  await preparePostmortems(databaseUrl)
  const pool = openPool({ connectionString: databaseUrl, max: 1 })
  let bytes = 0
  for (let place = 0; place < SESSIONS; place += 1) {
    const session_id = randomUUID()
    const at = START + place * 60_000
    const answers = Array.from({ length: ANSWERS }, (_, number) => answerOf(session_id, at, number)) // prettier-ignore
    bytes += answers.reduce((sum, { value }) => sum + (value.data?.length ?? 0), 0)
    await fold(pool, [requestOf(session_id, at), resultOf(session_id, at), ...answers])
  }
  await pool.end()
  return bytes / 1e6
}

const stamp = (occurred_at: number) => ({ event_id: randomUUID(), sequence: 0, tenant: 'default', occurred_at })

const requestOf = (session_id: string, at: number) => ({
  event: 'DiagnosisRequested' as const,
  value: {
    ...stamp(at),
    ...{ session_id, kind: 'alert', service: SERVICES[0]!, namespace: null, severity: 'P2', incident_ids: [INCIDENT] },
    ...{
      alert_ids: [],
      deployment_id: null,
      affected_services: SERVICES.slice(0, 5),
      window_start: null,
      window_end: at,
    },
    ...{ question: null, max_execution_ms: null, requested_by: 'bench|bench', context: {} },
  },
})

const resultOf = (session_id: string, at: number) => ({
  event: 'DiagnosisCompleted' as const,
  value: {
    ...stamp(at + 5000),
    ...{ session_id, revision: 1, run_id: 'r', handler_version: '1', status: 'completed', reason: null, verdict: 'incident' }, // prettier-ignore
    ...{ onset: START, phase: 'going_on', summary: { en: 'service-1 is slow' }, confidence: 0.7, findings: [] },
    root_causes: [
      {
        ...{ rank: 1, service: SERVICES[1]!, indicator: 'latency_p95', change_id: null, score: 1, evidence: ['e'] },
        ...{ explanation: { en: 'service-1: latency_p95 rose' }, since: START, until: null, phase: 'going_on', separate: false }, // prettier-ignore
      },
    ],
    ...{
      missing: [],
      suspected_changes: null,
      ruled_out: [],
      recommended_actions: [],
      tools_used: [],
      requested_at: at,
    },
    ...{ capacity: null, execution_ms: 1, usage: null },
  },
})

/** Of each service its series over the time before the question, and its log lines. */
function answerOf(session_id: string, at: number, number: number) {
  const [service, isMetrics] = [SERVICES[number >> 1]!, number % 2 === 0]
  const times = Array.from({ length: SAMPLES }, (_, sample) => at - (SAMPLES - sample) * 10_000)
  const values = times.map((time) => Math.round(1000 * (1 + Math.sin(time / 1e5))) / 1000)
  const lines = times.map((timestamp) => ({
    timestamp,
    service,
    level: 'info',
    message: `GET /orders/${timestamp} 200`,
  }))
  const data = isMetrics ? { series: INDICATORS.map((indicator) => ({ service, indicator, unit: '1/s', times, values })) } : { lines } // prettier-ignore
  return {
    event: 'EvidenceRecorded' as const,
    value: {
      ...stamp(at + number),
      ...{ session_id, evidence_id: randomUUID(), run_id: 'r', tool: isMetrics ? 'prometheus' : 'loki' },
      ...{ operation: isMetrics ? 'golden-signals' : 'logs', status: 'ok', query: 'up', range_start: null, range_end: null }, // prettier-ignore
      ...{ link: null, summary: '', error: null, warnings: [], data: JSON.stringify(data) },
      ...{ downsampled: false, redactions: 0, duration_ms: 1 },
    },
  }
}
