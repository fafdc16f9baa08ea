import { describe, expect, it } from 'vitest'
import { partsOf, queriedIn, scopeOf, type Surroundings } from '../../agents/assistant/scope.ts'
import type { Evidence } from '../../agents/runtime/evidence.ts'
import { diagnosisRequested } from '../events/requests.ts'

const NOW = Date.parse('2026-03-01T12:00:00Z')
const MINUTE = 60_000
const request = diagnosisRequested({ occurred_at: NOW, alert_ids: ['al1'] })
const resource = (service_name: string, depends_on: string[] = []) => ({
  service_name,
  namespace: null,
  image_tag: null,
  replicas: 1,
  depends_on,
})
const alert = (id: string, service_name: string, started_at: number) => ({
  id,
  service_name,
  name: 'n',
  summary: 's',
  severity: 'P1',
  status: 'firing',
  started_at,
  labels: {},
})
const known: Surroundings = {
  deployment: null,
  incidents: [],
  resolved: [],
  alerts: [alert('al1', 'frontend', NOW - 5 * MINUTE), alert('other', 'mail', NOW - MINUTE)],
  resources: [
    resource('frontend', ['cart', 'catalog']),
    resource('cart', ['redis']),
    resource('catalog'),
    resource('mail'),
  ],
}

describe('the scope of a diagnosis', () => {
  it('is the same for requests of the same ten seconds, and ends no later than the sources were queried', () => {
    const about = (ms: number) => scopeOf({ ...request, occurred_at: NOW + ms, alert_ids: [] }, known)
    expect({ ...about(9999), onset: null }).toEqual({ ...about(1), onset: null })
    expect(about(1).window).toEqual({ start: NOW - 30 * MINUTE, end: NOW + 10_000 })
    expect(about(12_345).window.end).toBe(NOW + 20_000)
    expect(partsOf(about(1))[0].end % 10_000).toBe(0)
    const answered = (operation: string, end: number, status = 'ok') => ({ operation, status, range: { start: 0, end } }) as Evidence // prettier-ignore
    const upTo = (...answers: Evidence[]) => queriedIn(about(1), answers).end
    expect(upTo(answered('logs', NOW + 4000), answered('golden-signals', NOW + 5000))).toBe(NOW + 5000)
    expect(upTo(answered('logs', NOW + 4000), answered('logs', NOW + 9000, 'failed'), answered('audit-logs', NOW + 9000))).toBe(NOW + 4000) // prettier-ignore
    expect(upTo()).toBe(NOW + 10_000)
    const stated = scopeOf({ ...request, window_end: NOW - 1 }, known)
    expect(stated.window.end).toBe(NOW - 1)
    expect(queriedIn(stated, [answered('logs', NOW - 4000)]).end).toBe(NOW - 1)
  })

  it('starts at the alerting service and follows calls; unrelated services come last', () => {
    const scope = scopeOf(request, known)
    expect(scope.asked).toBe('frontend')
    expect(scope.services).toEqual(['frontend', 'cart', 'catalog', 'redis', 'mail'])
    expect(scope.edges).toContainEqual({ from: 'frontend', to: 'cart' })
  })

  it('adds services whose alerts started within the correlation window, and takes the earliest as the onset', () => {
    const alerts = [
      alert('before', 'mail', NOW - 8 * MINUTE),
      ...known.alerts,
      alert('late', 'bills', NOW + 5 * MINUTE),
    ]
    const within = (seconds: string) =>
      scopeOf({ ...request, context: { correlation_window: seconds } }, { ...known, alerts })
    expect(within('300').services.slice(0, 2)).toEqual(['frontend', 'mail'])
    expect(within('300')).toMatchObject({ named: ['frontend'], onset: NOW - 8 * MINUTE })
    expect(within('300').services).not.toContain('bills')
    expect(within('60').onset).toBe(NOW - 5 * MINUTE)
    expect(within('no number').services).toEqual(scopeOf(request, known).services)
  })

  it('covers the half hour before the request, and takes the alert as the claimed onset', () => {
    const scope = scopeOf(request, known)
    expect(scope.window).toEqual({ start: NOW - 30 * MINUTE, end: NOW })
    expect(scope.baseline).toBeNull()
    expect(scope.onset).toBe(NOW - 5 * MINUTE)
  })

  it('compares a given window with an equally long time before it', () => {
    const scope = scopeOf({ ...request, window_start: NOW - 120 * MINUTE, window_end: NOW - 60 * MINUTE }, known)
    expect(scope.window).toEqual({ start: NOW - 120 * MINUTE, end: NOW - 60 * MINUTE })
    expect(scope.baseline).toEqual({ start: NOW - 180 * MINUTE, end: NOW - 120 * MINUTE })
    expect(scope.onset).toBeNull()
  })

  it('survives a cycle of calls', () => {
    const scope = scopeOf(request, {
      ...known,
      resources: [resource('frontend', ['cart']), resource('cart', ['frontend'])],
    })
    expect(scope.services).toEqual(['frontend', 'cart'])
  })

  it('names the services it leaves out of a very large system', () => {
    const many = Array.from({ length: 80 }, (_, index) => resource(`svc-${index}`))
    const scope = scopeOf(request, { ...known, resources: [...known.resources, ...many] })
    expect(scope.services).toHaveLength(50)
    expect(scope.services.length + scope.leftOut.length).toBe(85)
  })

  it('still includes the named service if the control-plane knows nothing', () => {
    const scope = scopeOf(
      { ...request, alert_ids: [], service: 'cart' },
      { deployment: null, incidents: [], resolved: [], alerts: [], resources: [] },
    )
    expect(scope.services).toEqual(['cart'])
  })
})
