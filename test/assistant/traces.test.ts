import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Span } from '../../analysis/observations.ts'
import type { TracesEvidence } from '../../agents/assistant/traces.ts'
import type { Run } from '../../agents/runtime/agent.ts'
import { createHttp } from '../../agents/tools/http.ts'
import { recordedControlPlane } from '../../agents/tools/recording/control-plane.ts'
import { recordedLogs } from '../../agents/tools/recording/logs.ts'
import { recordedMetrics } from '../../agents/tools/recording/metrics.ts'
import { finishedRecording } from '../../agents/tools/recording/source.ts'
import { recordedTraces } from '../../agents/tools/recording/traces.ts'
import type { Tools, TracesTool } from '../../agents/tools/tools.ts'
import { liveTraces } from '../../agents/tools/traces/traces.ts'
import { zipkin } from '../../agents/tools/traces/zipkin.ts'
import { zipkin as zipkinServer, type ZipkinSpan } from '../servers/zipkin.ts'
import { openInvestigations, requestAt } from './investigating.ts'

const RECORDING = new URL('../scenarios/train-ticket-07', import.meta.url).pathname
const END = Date.parse('2023-01-29T14:52:00Z')
const request = requestAt(END, { window_start: Date.parse('2023-01-29T14:50:00Z') })

/** Journals in memory; a filled `journal` makes the run continue where it was. */
const journaledIn = (journal: Map<string, unknown>): Run['step'] =>
  async function step(name, work) {
    if (!journal.has(name)) {
      const result = await work({ signal: new AbortController().signal, idempotencyKey: name })
      journal.set(name, structuredClone(result))
    }
    return journal.get(name) as Awaited<ReturnType<typeof work>>
  }

const zipkinSpan = ({ traceId, spanId, parentSpanId, service, name, start, end }: Span): ZipkinSpan => ({
  traceId,
  id: spanId,
  ...(parentSpanId === undefined ? {} : { parentId: parentSpanId }),
  name,
  timestamp: Math.round(start * 1000),
  // Zipkin drops spans without a duration
  duration: Math.max(1, Math.round((end - start) * 1000)),
  localEndpoint: { serviceName: service },
})

describe('an assistant with traces', () => {
  let investigations: Awaited<ReturnType<typeof openInvestigations>>
  beforeAll(async () => {
    investigations = await openInvestigations('traces')
  }, 180_000)
  afterAll(() => investigations?.close())

  const source = finishedRecording(RECORDING)
  const withoutTraces: Tools = {
    metrics: recordedMetrics(source),
    logs: recordedLogs(source),
    controlPlane: recordedControlPlane(source),
  }

  async function diagnosed(traces: TracesTool | undefined, journal = new Map<string, unknown>()) {
    const tools = traces === undefined ? withoutTraces : { ...withoutTraces, traces }
    const { completed, recorded } = await investigations.ask(request, tools, { step: journaledIn(journal) })
    return {
      completed,
      traced: recorded.find(({ operation }) => operation === 'traces'),
      journal,
    }
  }

  it('ranks the cause of a recorded incident first, citing traces', async () => {
    const { completed, traced } = await diagnosed(recordedTraces(source))
    expect(completed.status).toBe('completed')
    expect(completed.root_causes[0]?.service).toBe('ts-food-service')
    expect(traced?.status).toBe('ok')
    const cited = completed.findings.filter(({ evidence }) => evidence.includes(traced!.evidence_id))
    expect(cited.length).toBeGreaterThan(0)
    expect(new Set(cited.map(({ source }) => source))).toEqual(new Set(['traces']))
    expect(completed.tools_used).toContain('recording')
  }, 180_000)

  it('finds the same with the traces in Zipkin', async () => {
    const { spans } = (await source.read()).observations
    const server = await zipkinServer()
    await server.push(spans.map(zipkinSpan))
    const live = liveTraces({ source: zipkin(createHttp({ baseUrl: server.url, timeoutMs: 60_000 })) })
    const { completed, traced } = await diagnosed(live)
    expect(traced, traced?.error ?? '').toMatchObject({ tool: 'zipkin', status: 'ok' })
    expect(completed.status).toBe('completed')
    expect(completed.root_causes[0]?.service).toBe('ts-food-service')
    const cited = completed.findings.filter(({ evidence }) => evidence.includes(traced!.evidence_id))
    expect(cited.map(({ service }) => service)).toContain('ts-food-service')
    expect(traced?.link).toContain(server.url)
  }, 300_000)

  it('stores a comparison instead of thousands of spans', async () => {
    const { traced, journal } = await diagnosed(recordedTraces(source))
    const [kept] = await investigations.evidence.load([traced!.evidence_id])
    const data = kept?.data as TracesEvidence
    expect(data.spans).toBeGreaterThan(5000)
    expect(JSON.stringify(data).length).toBeLessThan(64 * 1024)
    expect(data.calls).toContainEqual(expect.objectContaining({ from: 'ts-preserve-service', to: 'ts-food-service' }))
    for (const result of journal.values()) expect(JSON.stringify(result)).not.toContain('spanId')
  }, 180_000)

  it('reaches the same conclusion after a crash that lost the spans in memory', async () => {
    const { completed, journal } = await diagnosed(recordedTraces(source))
    const resumed = await diagnosed(
      recordedTraces(source),
      new Map([...journal].filter(([name]) => name !== 'analyse')),
    )
    expect(resumed.completed.findings).toEqual(completed.findings)
    expect(resumed.completed.root_causes).toEqual(completed.root_causes)
    const away = liveTraces({
      source: zipkin(createHttp({ baseUrl: 'http://127.0.0.1:9', timeoutMs: 1000, retries: 0 })),
    })
    const lost = await diagnosed(away, new Map([...journal].filter(([name]) => name !== 'analyse')))
    expect(lost.completed.status).toBe('partial')
    expect(lost.completed.missing.map(({ en }) => en).join()).toContain('http://127.0.0.1:9 is unreachable')
  }, 180_000)

  it('is partial, naming the source, if the trace source fails', async () => {
    const away = liveTraces({
      source: zipkin(createHttp({ baseUrl: 'http://127.0.0.1:9', timeoutMs: 1000, retries: 0 })),
    })
    const { completed, traced } = await diagnosed(away)
    expect(completed.status).toBe('partial')
    expect(completed.reason).toContain('zipkin')
    expect(traced?.error).toContain('http://127.0.0.1:9 is unreachable')
    expect(completed.root_causes.length).toBeGreaterThan(0)
  }, 180_000)

  it('is complete without traces: with none in the time range, and without a trace store', async () => {
    const none: TracesTool = {
      traces: (query, context) => recordedTraces(source).traces({ ...query, services: ['never-heard-of'] }, context),
    }
    const empty = await diagnosed(none)
    expect(empty.traced?.status).toBe('no_data')
    expect(empty.completed.status).toBe('completed')
    const absent = await diagnosed(undefined)
    expect(absent.traced).toBeUndefined()
    expect(absent.completed.status).toBe('completed')
    expect(absent.completed.root_causes).toEqual(empty.completed.root_causes)
  }, 180_000)
})
