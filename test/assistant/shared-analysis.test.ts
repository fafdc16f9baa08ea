import { expect, it } from 'vitest'
import { shareAnalyses } from '../../agents/assistant/shared-analysis.ts'
import type { Evidence } from '../../agents/runtime/evidence.ts'
import type { Observations } from '../../analysis/observations.ts'
import type { Verdict } from '../../analysis/verdict.ts'

const observed = (id: string, change: Partial<Observations> = {}): Observations => ({
  ...{ window: { start: 0, end: 60_000 }, asked: 'cart', logs: [], spans: [], edges: [] },
  series: [{ service: 'cart', indicator: 'cpu', times: Float64Array.of(1), values: Float64Array.of(1), evidence: id }],
  changes: [{ id: 'c', timestamp: 1, type: 'deploy', service: 'cart', summary: 's', evidence: id }],
  ...change,
})
const answers = (id: string, hash = 'aa'): Evidence[] => [
  {
    ...{ tool: 'prometheus', operation: 'golden-signals', query: 'q', range: null, link: null, warnings: [] },
    ...{ incomplete: false, durationMs: 1, status: 'ok', summary: 's', data: {} },
    ...{ id, redactions: 0, ...(hash === '' ? {} : { hash }) },
  },
]

/** Cites the evidence of the first series, as an analysis does. */
function analysis() {
  const asked: Observations[] = []
  const keys: (string | undefined)[] = []
  return {
    ...{ asked, keys },
    analyse(observations: Observations, key?: string) {
      asked.push(observations)
      keys.push(key)
      const cited = observations.series[0]!.evidence
      return Promise.resolve({ evidence: [{ id: cited }], rootCauses: [{ evidence: [cited] }] } as unknown as Verdict)
    },
  }
}

it('analyses the same answers once, and each session cites its own evidence', async () => {
  const { asked, analyse } = analysis()
  const shared = shareAnalyses(analyse)
  const both = await Promise.all(['one', 'two'].map((id) => shared('default', observed(id), answers(id))))
  expect(both).toEqual(['one', 'two'].map((id) => ({ evidence: [{ id }], rootCauses: [{ evidence: [id] }] })))
  expect(asked).toHaveLength(1)
})

it.each([
  ['another service is asked about', 'default', observed('two', { asked: 'checkout' }), answers('two')],
  ['another window', 'default', observed('two', { window: { start: 0, end: 70_000 } }), answers('two')],
  ['a change', 'default', observed('two', { changes: [] }), answers('two')],
  [
    'an objective',
    'default',
    observed('two', { objectives: [{ service: '*', indicator: 'cpu', max: 1 }] }),
    answers('two'),
  ],
  ['another answer', 'default', observed('two'), answers('two', 'bb')],
  ['an answer without a hash', 'default', observed('two'), answers('two', '')],
  [
    'spans, which are not in the answers',
    'default',
    observed('two', { spans: [{ service: 'cart' } as never] }),
    answers('two'),
  ],
  ['another tenant', 'other', observed('two'), answers('two')],
])('analyses again for %s', async (_about, tenant, observations, evidence) => {
  const { asked, analyse } = analysis()
  const shared = shareAnalyses(analyse)
  await shared('default', observed('one'), answers('one'))
  await shared(tenant, observations, evidence)
  expect(asked).toHaveLength(2)
})

it('names the data alike for all questions about the same answers, in whichever order they were given', async () => {
  const { keys, analyse } = analysis()
  const shared = shareAnalyses(analyse)
  const [cart, checkout] = [answers('one', 'aa'), answers('two', 'bb')]
  await shared('default', observed('one'), [...cart, ...checkout])
  await shared('default', observed('one', { asked: 'checkout' }), [...checkout, ...cart])
  expect(new Set(keys).size).toBe(1)
  await shared('default', observed('one'), cart)
  await shared('other', observed('one'), [...cart, ...checkout])
  expect(new Set(keys).size).toBe(3)
})

it('names the data alike whatever other answers a session got', async () => {
  const { asked, keys, analyse } = analysis()
  const shared = shareAnalyses(analyse)
  const changes = (id: string, hash: string) => answers(id, hash).map((one) => ({ ...one, operation: 'audit-logs' }))
  await shared('default', observed('one'), [...answers('one'), ...changes('c1', 'cc')])
  await shared('default', observed('two', { changes: [] }), [...answers('two'), ...changes('c2', 'dd')])
  expect(asked).toHaveLength(2)
  expect(new Set(keys).size).toBe(1)
})

it('passes a failure on to all waiting sessions, and analyses again', async () => {
  let times = 0
  const failing = () => (++times === 1 ? Promise.reject(new Error('ended')) : analysis().analyse(observed('x')))
  const shared = shareAnalyses(failing)
  const both = ['one', 'two'].map((id) => shared('default', observed(id), answers(id)))
  for (const one of both) await expect(one).rejects.toThrow('ended')
  await shared('default', observed('three'), answers('three'))
  expect(times).toBe(2)
})
