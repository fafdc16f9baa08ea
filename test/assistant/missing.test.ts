import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { recordedControlPlane } from '../../agents/tools/recording/control-plane.ts'
import { recordedLogs } from '../../agents/tools/recording/logs.ts'
import { recordedMetrics } from '../../agents/tools/recording/metrics.ts'
import { finishedRecording } from '../../agents/tools/recording/source.ts'
import { answer } from '../../agents/tools/answer.ts'
import type { MetricsTool, Tools } from '../../agents/tools/tools.ts'
import { parseInstant } from '../../recording/instant.ts'
import { readIncident } from '../../recording/read.ts'
import type { DiagnosisCompleted } from '../../schemas/events.generated.ts'
import { openInvestigations, requestAt } from './investigating.ts'

const RECORDING = join(import.meta.dirname, '../scenarios/shop-01')
const source = finishedRecording(RECORDING)
const tools: Tools = {
  metrics: recordedMetrics(source),
  logs: recordedLogs(source),
  controlPlane: recordedControlPlane(source),
}

describe('what is missing', () => {
  let investigations: Awaited<ReturnType<typeof openInvestigations>>
  let window: { start: number; end: number }
  beforeAll(async () => {
    investigations = await openInvestigations('missing')
    const recorded = (await readIncident(RECORDING)).window
    window = { start: parseInstant(recorded.start), end: parseInstant(recorded.end) }
  }, 180_000)
  afterAll(() => investigations?.close())

  const ask = (change: Parameters<typeof requestAt>[1], changed: Partial<Tools> = {}) =>
    investigations.ask(requestAt(window.end, change), { ...tools, ...changed }).then(({ completed }) => completed)
  /** a window before the fault */
  const quiet = () => ({ window_start: window.start, window_end: window.start + 60_000 })
  const english = ({ missing }: DiagnosisCompleted) => missing.map(({ en = '' }) => en)
  const warning = (more: object): MetricsTool => ({
    goldenSignals: async (query, context) => ({ ...(await tools.metrics.goldenSignals(query, context)), ...more }),
  })

  it('makes the result partial when a source answered in part, and names the source and the query', async () => {
    const warnings = ['latency_p95 of cart could not be queried: 503 from http://prometheus']
    const result = await ask({ service: 'cart' }, { metrics: warning({ warnings, incomplete: true }) })
    expect(result).toMatchObject({ status: 'partial', verdict: 'incident' })
    expect(result.reason).toMatch(/^questions_failed: 5\/\d+ \(recording\)$/)
    const said = english(result).find((one) => one.startsWith(`recording: ${warnings[0]}`))
    expect(said).toContain('series of cart')
    const chinese = result.missing.map((one) => one['zh-TW']).join()
    expect(chinese).toMatch(
      /recording：無法查詢 cart 的 latency_p95：503 from http:\/\/prometheus（cart 的 \d+ 個序列；/,
    )
  })

  it('is reported once if many answers have the same warning, and does not make the result partial', async () => {
    const result = await ask(
      { service: 'cart' },
      { metrics: warning({ warnings: ['only 100 of 120 series were read'] }) },
    )
    expect(result.status).toBe('completed')
    expect(english(result).filter((one) => one.includes('only 100 of 120 series'))).toHaveLength(1)
  })

  it.each(['typo', 'crat'])(
    'is the diagnosis of the unknown service %s: the others say nothing about it',
    async (service) => {
      const result = await ask({ service })
      expect(result).toMatchObject({ status: 'failed', reason: `unknown_service: ${service}`, verdict: null })
      expect(result).toMatchObject({ root_causes: [], findings: [], recommended_actions: [] })
    },
  )

  it('suggests names for an unknown service, or lists the few that are known', async () => {
    const near = await ask({ service: 'crat', ...quiet() })
    expect(near.summary['en']).toBe('No diagnosis: unknown service crat; did you mean cart?')
    expect(near.summary['zh-TW']).toBe('沒有診斷結果：沒有 crat 這個服務；您是指 cart 嗎？')
    const far = await ask({ service: 'typo' })
    expect(far.summary['en']).toMatch(/^No diagnosis: unknown service typo \(\d services are known: .*\bcart\b.*\)\.$/)
    expect(far.summary['zh-TW']).toMatch(/在已知的 \d 個服務（.*cart.*）中沒有 typo。$/)
  })

  it('includes an unknown service beside a known one, or of an alert that may tell more', async () => {
    const [both, alerted] = [await ask({ service: 'cart', affected_services: ['crat'] }), await ask({ service: 'crat', alert_ids: ['al-9'] })] // prettier-ignore
    expect(both.verdict).toBe('incident')
    expect(english(both)).toContain('unknown service crat; did you mean cart?')
    expect(alerted.verdict).toBe('inconclusive')
    expect(alerted.summary['en']).toContain('Unknown service crat; did you mean cart?')
  })

  it('still names the cause for a service that has no metrics but is in the call graph', async () => {
    const { controlPlane } = tools
    const resources: typeof controlPlane.resources = async (query, context) => {
      const answer = await controlPlane.resources(query, context)
      const edge = { service_name: 'edge', namespace: null, image_tag: null, replicas: null, depends_on: ['frontend'] }
      return answer.status === 'ok' ? { ...answer, data: [...answer.data, edge] } : answer
    }
    const result = await ask({ service: 'edge' }, { controlPlane: { ...controlPlane, resources } })
    expect(result.verdict).toBe('incident')
    expect(result.summary['en']).toMatch(/^There is no data for edge\. .* Most likely cause: cart/)
  })

  it('finds nothing wrong if the service is measured and healthy', async () => {
    const result = await ask({ service: 'cart', ...quiet() })
    expect(result.verdict).toBe('nothing_wrong')
    expect(english(result).join()).not.toContain('no metrics')
  })

  it('names every unknown alert, incident and deployment', async () => {
    const unknown = { alert_ids: ['al-9'], incident_ids: ['inc-8', 'inc-9'], deployment_id: 'd-9' }
    const result = await ask({ ...unknown, ...quiet() })
    expect(english(result)).toEqual(
      expect.arrayContaining([
        'no alert al-9 found',
        'no incident inc-8 found',
        'no incident inc-9 found',
        'no deployment d-9 found',
      ]),
    )
    expect(result.verdict).toBe('inconclusive')
    expect(result.summary['en']).toContain('There is no data for this request.')
    expect(result.missing[0]?.['zh-TW']).toBe('查無告警 al-9')
  })

  it('names services with unknown dependencies', async () => {
    const { controlPlane } = tools
    const resources: typeof controlPlane.resources = async (query, context) => {
      const answer = await controlPlane.resources(query, context)
      return answer.status === 'ok'
        ? {
            ...answer,
            data: answer.data.map((one) => (one.service_name === 'cart' ? { ...one, depends_on: null } : one)),
          }
        : answer
    }
    const result = await ask({ service: 'cart' }, { controlPlane: { ...controlPlane, resources } })
    expect(english(result)).toContain('unknown dependencies, so no search downstream of: cart')
    expect(english(await ask({ service: 'cart' })).join()).not.toContain('unknown dependencies')
  })

  it('reports an unreachable source once, however many queries failed', async () => {
    const away: typeof tools.logs = {
      logs: ({ range }) =>
        answer<never>({ tool: 'loki', operation: 'logs', query: '', range }, () => Promise.reject(new Error('away'))),
    }
    const told = english(await ask({ service: 'cart' }, { logs: away }))
    expect(told.filter((text) => text === 'loki could not answer logs: away')).toHaveLength(1)
  })

  it('explains why no action is proposed if the target could not be read', async () => {
    const { controlPlane } = tools
    const resources: typeof controlPlane.resources = async (query, context) => {
      const answer = await controlPlane.resources(query, context)
      return query.service === null
        ? answer
        : { ...answer, status: 'failed', summary: '503 from the control-plane', error: '503', data: null }
    }
    const result = await ask({ service: 'cart' }, { controlPlane: { ...controlPlane, resources } })
    expect(result).toMatchObject({ status: 'partial', verdict: 'incident', recommended_actions: [] })
    expect(result.summary['en']).toContain(
      'No action is proposed: the state of cart could not be read: 503 from the control-plane.',
    )
    expect(english(result)).toContain('recording could not answer resources: 503 from the control-plane')
  })
})
