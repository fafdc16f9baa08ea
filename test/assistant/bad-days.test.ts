/** Days with several outages, diagnosed with all sources and with one missing. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { percentOf } from '../../analysis/ranking/confidence.ts'
import type { Observations } from '../../analysis/observations.ts'
import { answer } from '../../agents/tools/answer.ts'
import type { FiringAlert, Incident, Tools } from '../../agents/tools/tools.ts'
import { DAYS, questionOf } from '../../bench/outages/days.ts'
import { NOW, observationsOf, SERVICES } from '../../bench/outages/shop.ts'
import { openInvestigations, requestAt } from './investigating.ts'

type Source = 'metrics' | 'logs' | 'resources' | 'alerts'

const away = (): never => {
  throw new Error('connection refused')
}

/** Tools that answer like real sources; those in `gone` fail. */
function toolsOf(
  known: Observations,
  gone: readonly Source[] = [],
  alerts: FiringAlert[] = [],
  incidents: Incident[] = [],
): Tools {
  const asked = (tool: string, operation: string) => ({ tool, operation, query: operation, range: known.window })
  const from = (source: Source) => (gone.includes(source) ? away() : undefined)
  const nothing = async () => ({ data: null, summary: 'none' })
  return {
    metrics: {
      goldenSignals: ({ service }) =>
        answer(asked('prometheus', 'golden-signals'), async () => {
          from('metrics')
          const series = known.series.filter((one) => one.service === service)
          const plain = series.map((one) => ({ ...one, times: [...one.times], values: [...one.values] }))
          return { data: { profile: 'made up', series: plain, comparison: [] }, summary: `series of ${service}` }
        }),
    },
    logs: {
      logs: ({ service }) =>
        answer(asked('loki', 'logs'), async () => {
          from('logs')
          const lines = Array.from({ length: 120 }, (_, index) => ({ timestamp: known.window.start + index * 900, service, level: 'info', message: `request ${index} answered` })) // prettier-ignore
          return { data: { lines, levels: {}, templates: [], critical: [] }, summary: `lines of ${service}` }
        }),
    },
    controlPlane: {
      resources: () =>
        answer(asked('control-plane', 'resources'), async () => {
          from('resources')
          const calls = (service: string) => known.edges.filter((edge) => edge.from === service).map(({ to }) => to)
          const resource = (service: string) => ({ service_name: service, namespace: null, image_tag: null, replicas: null, depends_on: calls(service) }) // prettier-ignore
          return { data: SERVICES.map(resource), summary: 'resources' }
        }),
      alerts: () =>
        answer(asked('control-plane', 'alerts'), async () => {
          from('alerts')
          return { data: alerts, summary: 'alerts' }
        }),
      auditLogs: () => answer(asked('control-plane', 'audit-logs'), nothing),
      resolvedIncidents: () =>
        answer(asked('control-plane', 'incidents'), async () => ({ data: incidents, summary: 'incidents' })),
      incident: () => answer(asked('control-plane', 'incident'), nothing),
      deployment: () => answer(asked('control-plane', 'deployment'), nothing),
    },
  } as Tools
}

describe('diagnosing a bad day', () => {
  let investigations: Awaited<ReturnType<typeof openInvestigations>>
  beforeAll(async () => {
    investigations = await openInvestigations('bad_days')
  }, 180_000)
  afterAll(() => investigations?.close())

  let count = 0
  const ask = async (
    kind: string,
    seed: number,
    gone: readonly Source[] = [],
    alerts: FiringAlert[] = [],
    incidents: Incident[] = [],
  ) => {
    const { day, truth } = questionOf(kind, seed)
    const known = observationsOf(day)
    const id = `e${(count += 1)}`
    const request = requestAt(NOW, { event_id: id, service: day.asked, window_start: known.window.start })
    const { completed } = await investigations.ask(request, toolsOf(known, gone, alerts, incidents), {
      id: `assistant/${id}`,
    })
    return { completed, truth }
  }
  const kinds = Object.keys(DAYS)
  const sources: readonly Source[] = ['metrics', 'logs', 'resources', 'alerts']
  const drawn = Array.from({ length: 200 }, (_, index) => ({
    kind: kinds[index % kinds.length]!,
    seed: 100 + index,
    gone: index % 3 === 0 ? [sources[(index / 3) % sources.length]!] : [],
  }))

  it('never reports nothing_wrong during a fault, in 200 draws', async () => {
    const wrong: string[] = []
    for (const { kind, seed, gone } of drawn) {
      const { completed, truth } = await ask(kind, seed, gone)
      const isCleared = completed.verdict === 'nothing_wrong'
      const goesOn = truth !== null && !kind.startsWith('recovered')
      if (isCleared && (goesOn || gone.length > 0)) wrong.push(`${kind} ${seed} without ${gone.join()}`)
      const isTold = completed.verdict === 'inconclusive' || completed.summary['en']?.includes(`Confidence ${percentOf(completed.confidence)} %`) // prettier-ignore
      if (isTold !== true) wrong.push(`${kind} ${seed} said to be ${completed.confidence}`)
    }
    expect(wrong).toEqual([])
  })

  it('names the source that did not answer, and gives no all-clear without it', async () => {
    const { completed } = await ask('nothing happens', 1, ['metrics'])
    expect(completed).toMatchObject({ status: 'partial', verdict: 'inconclusive' })
    expect(completed.confidence).toBeLessThanOrEqual(0.3)
    expect(completed.summary['en']).toContain('prometheus (golden-signals)')
    expect(completed.summary['zh-TW']).toContain('不足以排除問題')
    expect((await ask('nothing happens', 1)).completed.verdict).toBe('nothing_wrong')
  })

  it('uses a firing alert of the requested service, even if the request does not name it', async () => {
    const alert = { id: 'a', service_name: 'storefront', name: 'Slow', summary: 'storefront is slow', severity: 'P1', status: 'firing', started_at: NOW - 60_000, labels: {} } // prettier-ignore
    const { completed } = await ask('nothing happens', 2, [], [alert])
    expect(completed.verdict).toBe('inconclusive')
    expect(completed.summary['en']).toContain('storefront is slow')
    const resolved = await ask('nothing happens', 2, [], [{ ...alert, status: 'resolved' }])
    expect(resolved.completed.verdict).toBe('nothing_wrong')
  })

  it('leaves past incidents known from alerts out of the baseline, and says so if they are most of it', async () => {
    const alert = (from: number, until: number) => ({ id: `${from}`, service_name: 'storefront', name: 'Slow', summary: 'slow', severity: 'P1', status: 'resolved', started_at: NOW - from * 60_000, ended_at: NOW - until * 60_000, labels: {} }) // prettier-ignore
    const [plain, told, most] = [[], [alert(25, 20)], [alert(30, 16)]]
    const asked = await Promise.all([plain, told, most].map((alerts) => ask('nothing happens', 4, [], alerts)))
    const [calm, less, none] = asked.map(({ completed }) => completed)
    expect([calm?.verdict, less?.verdict, none?.verdict]).toEqual(['nothing_wrong', 'nothing_wrong', 'inconclusive'])
    expect(less?.confidence).toBeLessThan((calm?.confidence ?? 0) - 0.1)
    expect(JSON.stringify(none?.missing)).toContain('most of the baseline was disturbed')
  })

  it('leaves a past incident without an alert out of the baseline, and names it', async () => {
    const incident = { id: 'INC-7', title: 'slow', service_name: 'orders', severity: 'P1', status: 'resolved', started_at: NOW - 25 * 60_000, ended_at: NOW - 20 * 60_000 } // prettier-ignore
    const of = { ...incident, id: 'INC-8', service_name: 'elsewhere' }
    const { completed } = await ask('nothing happens', 4, [], [], [incident, of])
    const told = completed.missing.map(({ en = '' }) => en).filter((en) => en.startsWith('baseline'))
    expect(told).toEqual(['baseline leaves out 09:34–09:40 UTC: incident INC-7'])
  })

  it('reports since when each cause has lasted, and whether it continues', async () => {
    const { completed, truth } = await ask('an outage goes on', 3)
    expect(completed.phase).toBe('going_on')
    expect(completed.root_causes[0]).toMatchObject({ service: truth, phase: 'going_on', until: null, separate: false })
    expect(completed.root_causes[0]?.since).toBeGreaterThan(NOW - 1_800_000)
  })
})
