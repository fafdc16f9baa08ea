/** Two tenants in one system: each gets answers about its own services only. */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { recordedControlPlane } from '../../agents/tools/recording/control-plane.ts'
import { recordedLogs } from '../../agents/tools/recording/logs.ts'
import { recordedMetrics } from '../../agents/tools/recording/metrics.ts'
import { finishedRecording } from '../../agents/tools/recording/source.ts'
import type { Tools } from '../../agents/tools/tools.ts'
import { unpack } from '../../bus/postgres/packed.ts'
import { parseInstant } from '../../recording/instant.ts'
import { readIncident } from '../../recording/read.ts'
import type { DiagnosisRequested } from '../../schemas/events.generated.ts'
import { createTenants } from '../../tenants/tenants.ts'
import { openInvestigations, requestAt } from './investigating.ts'

const RECORDING = join(import.meta.dirname, '../scenarios/shop-01')
const CART_ALERT = 'alert-01a2091e-a359-7661-80c0-bf7921294151'
const CART_DEPLOYMENT = 'deployment-01a2091e-7101-73b2-96c6-a02c82c396a5'
const FRONT_INCIDENT = 'incident-01a2091e-a334-7614-93ae-3ca193016e95'
const FRONT = ['frontend', 'checkout']
const BACK = ['cart', 'catalog', 'payment']
const source = finishedRecording(RECORDING)
const tenants = createTenants(
  new Map([
    ['front', { services: FRONT }],
    ['back', { services: BACK }],
  ]),
)

/** Tools on the recording that note which services were queried. */
function watched(): { tools: Tools; asked: Set<string> } {
  const asked = new Set<string>()
  const controlPlane = recordedControlPlane(source)
  const [metrics, logs] = [recordedMetrics(source), recordedLogs(source)]
  return {
    asked,
    tools: {
      metrics: { goldenSignals: (query, context) => (asked.add(query.service), metrics.goldenSignals(query, context)) },
      logs: { logs: (query, context) => (asked.add(query.service), logs.logs(query, context)) },
      controlPlane: {
        ...controlPlane,
        auditLogs: (query, context) => (query.services.forEach((one) => asked.add(one)), controlPlane.auditLogs(query, context)), // prettier-ignore
      },
    },
  }
}

/** Every service a document is about. */
const subjects = (value: unknown): string[] =>
  JSON.stringify(value)
    .matchAll(/"(?:service|service_name|from|to)":"([^"]*)"/g)
    .map(([, name = '']) => name)
    .toArray()

describe('an investigation', () => {
  let investigations: Awaited<ReturnType<typeof openInvestigations>>
  let end: number
  beforeAll(async () => {
    investigations = await openInvestigations('tenants')
    end = parseInstant((await readIncident(RECORDING)).window.end)
  })
  afterAll(() => investigations?.close())

  let sessions = 0
  const ask = async (tenant: string, change: Partial<DiagnosisRequested>) => {
    const { tools, asked } = watched()
    const request = requestAt(end, { tenant, ...change })
    const answer = await investigations.ask(request, tools, { tenant, id: `assistant/${sessions++}` }, tenants)
    const { rows } = await investigations.pool.query<{ packed: Buffer }>(
      'SELECT packed FROM evidence.recorded WHERE session_id = $1',
      [request.session_id],
    )
    const stored = await Promise.all(rows.map(async ({ packed }) => JSON.parse(await unpack(packed)) as unknown))
    return { ...answer, asked, stored }
  }

  it("queries, stores and reports only the tenant's own services, however others are reached", async () => {
    const { completed, told, stored, asked } = await ask('front', {
      service: 'frontend',
      alert_ids: [CART_ALERT],
      incident_ids: [FRONT_INCIDENT],
      deployment_id: CART_DEPLOYMENT,
      context: { correlation_window: '600' },
    })
    expect([...asked].toSorted()).toEqual(FRONT.toSorted())
    for (const document of [completed, told, stored])
      expect(subjects(document).filter((name) => BACK.includes(name))).toEqual([])
    expect(stored.length).toBeGreaterThan(4)
    expect(JSON.stringify(stored)).not.toContain('cart:1.5.0')
    expect(told.map(({ event }) => event)).not.toContain('ApprovalRequested')
  })

  it('says that dependencies outside the tenant exist, but does not name them', async () => {
    const { completed } = await ask('front', { service: 'frontend' })
    const outside = completed.missing.find(({ en }) => en?.includes('outside this tenant'))
    expect(outside).toEqual({
      en: 'these services call others outside this tenant, which were not checked: frontend, checkout',
      'zh-TW': '下列服務呼叫了此租戶以外的服務，該部分未檢查：frontend、checkout',
    })
  })

  it.each([
    ['front', 'frontend', 'deployment_id', CART_DEPLOYMENT],
    ['front', 'frontend', 'alert_ids', CART_ALERT],
    ['back', 'cart', 'incident_ids', FRONT_INCIDENT],
  ] as const)(
    'treats the %s of another tenant about %s with %s like an unknown id',
    async (tenant, service, field, known) => {
      const answered = async (id: string) => {
        const change = { service, [field]: field === 'deployment_id' ? id : [id] }
        const { completed, recorded } = await ask(tenant, change)
        const about = recorded.filter(({ operation }) => ['incident', 'deployment'].includes(operation))
        const text = JSON.stringify([
          completed.missing,
          about.map(({ status, summary, data }) => [status, summary, data]),
        ])
        expect(text).toContain(' found')
        return text.replaceAll(id, '<id>')
      }
      expect(await answered(known)).toBe(await answered('nobody-knows-it'))
    },
  )

  it('finds the cause and proposes an action for the tenant that owns the service', async () => {
    const { completed, told } = await ask('back', { service: 'cart', alert_ids: [CART_ALERT] })
    expect(completed.root_causes[0]).toMatchObject({ service: 'cart' })
    expect(subjects(told).filter((name) => FRONT.includes(name))).toEqual([])
  })

  it.each([
    ['a service of others', 'front', { service: 'cart' }],
    ['one of others among its own', 'front', { service: 'frontend', affected_services: ['frontend', 'cart'] }],
    [
      'a capacity of others',
      'front',
      { kind: 'capacity', affected_services: ['cart'], context: { metric_type: 'cpu' } },
    ],
    ['a service nobody has', 'front', { service: 'nobody-runs-this' }],
    ['an alert, for a tenant that has nothing', 'stranger', { alert_ids: [CART_ALERT] }],
    ['anything at all, for a tenant that has nothing', 'stranger', {}],
  ])('of %s ends at once as failed, with a code, and asks nothing', async (_what, tenant, change) => {
    const { completed, told, asked, stored } = await ask(tenant, change)
    expect(completed).toMatchObject({ status: 'failed', verdict: null, findings: [], root_causes: [] })
    expect(completed.reason).toMatch(/^not_found: /)
    expect(completed.summary['zh-TW']).toMatch(/^沒有診斷結果/)
    expect(told.map(({ event }) => event)).toEqual(['DiagnosisCompleted'])
    expect([...asked]).toEqual([])
    expect(stored).toEqual([])
  })
})
