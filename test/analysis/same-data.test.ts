import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { diagnose } from '../../analysis/diagnose.ts'
import type { Alert, CallEdge, Observations } from '../../analysis/observations.ts'
import { rememberedBy } from '../../analysis/remembered.ts'
import { linesBetween, SERVICES } from '../../bench/live/services.ts'

const MINUTE = 60_000
const START = Date.parse('2026-03-01T12:00:00Z')
const window = { start: START, end: START + 30 * MINUTE }
const FAILS = window.end - 8 * MINUTE
const few = SERVICES.slice(15, 20)
const times = Float64Array.from({ length: 120 }, (_, at) => START + (at + 1) * 15_000)

/** `read`: called for each line whose message is read. */
function data(read: () => void = () => undefined): Pick<Observations, 'series' | 'logs' | 'spans'> {
  const logs = linesBetween(window.start, window.end, FAILS)
    .filter(({ service }) => few.includes(service))
    .map(({ service, ms, line }) => ({ service, timestamp: ms, get message() { return read(), line } })) // prettier-ignore
  const series = few.flatMap((service, index) =>
    ['latency_p95', 'error_ratio', 'cpu'].map((indicator) => ({
      ...{ service, indicator, times },
      values: times.map((time, at) => ((at * 7919 + index * 104_729) % 13) + 100 + (index === 2 && time > FAILS ? 400 : 0)), // prettier-ignore
    })),
  )
  return { series, logs, spans: [] }
}

type Question = Omit<Observations, 'series' | 'logs' | 'spans'>
const edges: CallEdge[] = few.slice(1).map((to, index) => ({ from: few[index]!, to }))
const alertOf = (service: string, since: number): Alert => ({ service, summary: 'slow', since, labels: {} })
const change = { id: 'c1', timestamp: FAILS - MINUTE, type: 'deployment', service: few[2]!, summary: 's' }
const questions: Question[] = [
  { window, edges: [], changes: [] },
  ...few.map((asked): Question => ({ window, asked, edges: [], changes: [] })),
  { window, asked: few[0]!, edges, changes: [] },
  { window, asked: few[4]!, edges: edges.slice(0, 2), changes: [change] },
  { window, asked: few[2]!, edges, changes: [], alert: alertOf(few[2]!, FAILS + MINUTE) },
  { window, asked: few[2]!, edges, changes: [], alert: alertOf(few[2]!, window.start + 5 * MINUTE) },
  { window, edges, changes: [], disturbed: [{ start: window.start + MINUTE, end: window.start + 4 * MINUTE }] },
  { window: { ...window, start: window.start + 10 * MINUTE }, edges, changes: [], onset: FAILS },
]

it('gives each of many questions about the same data the verdict that it has alone', () => {
  const shared = data()
  for (const question of [...questions, ...questions.toReversed()])
    expect(diagnose({ ...question, ...shared })).toEqual(diagnose({ ...question, ...data() }))
})

it('reads the log lines once for questions that differ only in the service asked about', () => {
  let reads = 0
  const shared = data(() => (reads += 1))
  diagnose({ ...questions[1]!, ...shared })
  expect(reads).toBeGreaterThan(shared.logs.length)
  reads = 0
  const { verdict } = diagnose({ ...questions[2]!, ...shared })
  expect(verdict).toBe('incident')
  expect(reads).toBe(0)
})

it('remembers by all the data and by the key, and only the latest keys', () => {
  let computed = 0
  const remembered = rememberedBy<number>()
  const compute = (data: readonly object[], key: string) => remembered(data, key, () => ++computed)
  const [a, b, c] = [{}, {}, {}]
  expect([compute([a, b], 'x'), compute([a, b], 'x'), compute([a, b], 'y'), compute([a, c], 'x')]).toEqual([1, 1, 2, 3])
  for (let key = 0; key < 100; key++) compute([a, c], String(key))
  expect(compute([a, c], 'x')).toBe(computed)
})

it('keeps no data in memory, even within one job', () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const remembered = rememberedBy<number>()
  const used = () => (collect(), process.memoryUsage().heapUsed)
  const [SETS, NUMBERS] = [40, 200_000]
  const before = used()
  for (let set = 0; set < SETS; set++)
    remembered([{}, Array.from({ length: NUMBERS }, () => set + 0.5)], 'x', () => set)
  // eight bytes a number
  expect(used() - before).toBeLessThan((SETS * NUMBERS * 8) / 4)
})
