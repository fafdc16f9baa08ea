/** Sessions that start at about the same time share their sources' answers; each has its own evidence. */
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { recordedControlPlane } from '../../agents/tools/recording/control-plane.ts'
import { recordedLogs } from '../../agents/tools/recording/logs.ts'
import { recordedMetrics } from '../../agents/tools/recording/metrics.ts'
import { finishedRecording } from '../../agents/tools/recording/source.ts'
import { sharedLogs, sharedMetrics } from '../../agents/tools/shared.ts'
import type { LogsQuery, MetricsQuery, Tools } from '../../agents/tools/tools.ts'
import { parseInstant } from '../../recording/instant.ts'
import { readIncident } from '../../recording/read.ts'
import { openInvestigations, requestAt } from './investigating.ts'

const source = finishedRecording(join(import.meta.dirname, '../scenarios/shop-01'))
const GRID_MS = 10_000

let investigations: Awaited<ReturnType<typeof openInvestigations>>
let end: number
beforeAll(async () => {
  investigations = await openInvestigations('shared')
  end = Math.floor(parseInstant((await readIncident(source.dir)).window.end) / GRID_MS) * GRID_MS
}, 180_000)
afterAll(() => investigations?.close())

/** Shared sources, and what reached them. */
function watched() {
  const asked: (MetricsQuery | LogsQuery)[] = []
  const [metrics, logs] = [recordedMetrics(source), recordedLogs(source)]
  const keepMs = { settledMs: 600_000 }
  const tools: Tools = {
    controlPlane: recordedControlPlane(source),
    metrics: sharedMetrics({ goldenSignals: (query, context) => (asked.push(query), metrics.goldenSignals(query, context)) }, keepMs), // prettier-ignore
    logs: sharedLogs({ logs: (query, context) => (asked.push(query), logs.logs(query, context)) }, keepMs),
  }
  return { asked, tools }
}

it(
  'asks the sources once for two sessions within some seconds, and stores what each rests on',
  { timeout: 180_000 },
  async () => {
    const { asked, tools } = watched()
    const at = (ms: number, service: string) =>
      requestAt(end + ms, { window_end: null, service, session_id: `s-${ms}` })
    const one = await investigations.ask(at(1000, 'cart'), tools, { id: 'assistant/one' })
    const once = asked.length
    const other = await investigations.ask(at(9000, 'frontend'), tools, { id: 'assistant/other' })
    expect(once).toBeGreaterThan(4)
    expect(asked).toHaveLength(once)
    for (const { range } of asked) expect(range.end).toBe(end + GRID_MS)

    const idsOf = ({ recorded }: typeof one) => recorded.map(({ evidence_id }) => evidence_id)
    expect(new Set([...idsOf(one), ...idsOf(other)]).size).toBe(idsOf(one).length + idsOf(other).length)
    const [stored, others] = await Promise.all([one, other].map(async (session) => investigations.evidence.load(idsOf(session)))) // prettier-ignore
    const signals = (all: typeof stored) => all!.filter(({ operation }) => operation === 'golden-signals').map(({ query, range, data }) => ({ query, range, data })) // prettier-ignore
    expect(signals(others)).toEqual(expect.arrayContaining(signals(stored)))
  },
)

it('asks for exactly the range a request states', { timeout: 180_000 }, async () => {
  const { asked, tools } = watched()
  await investigations.ask(requestAt(end + 1234, { service: 'cart', session_id: 'exact' }), tools, { id: 'assistant/exact' }) // prettier-ignore
  for (const { range } of asked) expect(range.end).toBe(end + 1234)
})
