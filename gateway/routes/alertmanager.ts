/** Alertmanager's webhook. Alertmanager drops a notification that is answered 4xx, so an invalid alert must not make the others fail. */
import canonicalize from 'canonicalize'
import { v5 as uuidv5 } from 'uuid'
import { z } from 'zod'
import { alert, type AlertmanagerAlert, severityOf, summaryOf } from '../../schemas/alertmanager.ts'
import type { Events } from '../../schemas/events.generated.ts'
import type { AlertsTaken } from '../api.generated.ts'
import { alertSender } from '../auth/authenticate.ts'
import type { Caller } from '../auth/caller.ts'
import { repeated, shortened } from '../details.ts'
import { ApiError, type Detail } from '../errors.ts'
import type { Asked, Gateway, Handler } from '../gateway.ts'
import { publishForNew } from '../idempotency/alerts.ts'
import { both, refusals } from '../present/texts.ts'
import { publish, stamp } from '../publish.ts'

/** Notifications handled at once; each may be a megabyte. */
const AT_ONCE = 50
/** namespace of the ids of alerts, events and sessions */
const IDS = '5d0b4a0e-0c0f-5b7e-9a53-6f3a4f0c2d11'

export function receiveAlerts(gateway: Gateway): Handler<'receiveAlerts'> {
  let working = 0
  return async (asked, caller) => {
    if (working >= AT_ONCE)
      throw new ApiError('SYSTEM_OVERLOADED', refusals.overloaded, { headers: { 'retry-after': '5' } })
    working++
    try {
      return { status: 202, body: await take(gateway, asked, caller) }
    } finally {
      working--
    }
  }
}

async function take(gateway: Gateway, asked: Asked<'receiveAlerts'>, caller: Caller): Promise<AlertsTaken> {
  const { log, metrics, tenants } = gateway
  const read = asked.body.alerts.map(readAlert)
  const valid = read.flatMap((one) => ('alert' in one ? [one.alert] : []))
  const wrong = read.flatMap((one) => ('wrong' in one ? one.wrong : []))
  const firing = valid.filter(({ status }) => status === 'firing')
  const owned = firing.flatMap((one) => {
    const about = aboutOf(one)
    const namespace = about.namespace ?? (caller === alertSender ? null : tenants.of(caller.tenant).namespace)
    const tenant = tenantOf(gateway, caller, { ...about, namespace })
    return tenant === null ? [] : [{ ...about, namespace, tenant, alert: one }]
  })
  const groups = Map.groupBy(owned, ({ tenant, service, namespace }) => JSON.stringify([tenant, service, namespace]))
  const taken = {
    started: 0,
    repeated: 0,
    resolved: valid.length - firing.length,
    ignored: firing.length - owned.length,
  }
  const sessions: AlertsTaken['sessions'] = []
  for (const group of groups.values()) {
    const { events, fresh } = await startOnce(gateway, asked, caller, group)
    taken.started += fresh
    taken.repeated += group.length - fresh
    for (const { value } of events)
      sessions.push({ session_id: value.session_id, service: value.service ?? '', namespace: value.namespace })
  }
  const refused = read.length - valid.length
  for (const [outcome, count] of Object.entries({ ...taken, refused })) metrics.alerts.inc({ outcome }, count)
  const details = shortened(wrong, (one) => one)
  const about = { request: asked.request.id, ...taken, refused, sessions: sessions.map(({ session_id }) => session_id) }
  if (refused > 0)
    log.warn({ ...about, wrong: details.map(({ field, message }) => `${field}: ${message.en}`) }, 'invalid alerts refused') // prettier-ignore
  else log.info(about, 'alerts received')
  return { sessions, ...taken, refused: details.map(({ message, ...rest }) => ({ ...rest, message: message[asked.language] })) } // prettier-ignore
}

const name = z.string().regex(/^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]{0,255}$/u)
const inChinese = z.locales.zhTW().localeError

/** One alert, or what is wrong with it. */
function readAlert(given: unknown, index: number): { alert: AlertmanagerAlert } | { wrong: Detail[] } {
  const parsed = alert.safeParse(given)
  const fieldOf = (path: readonly PropertyKey[]) => repeated(['body', 'alerts', index, ...path.map(String)].join('.'))
  if (!parsed.success) {
    const chinese = alert.safeParse(given, { error: inChinese }).error?.issues ?? []
    const { issues } = parsed.error
    return { wrong: issues.map(({ path, message }, at) => ({ field: fieldOf(path), message: both(message, chinese[at]?.message ?? message) })) } // prettier-ignore
  }
  const unseen = ['service', 'namespace'].filter((label) => !name.safeParse(parsed.data.labels[label] ?? '').success)
  return unseen.length === 0
    ? { alert: parsed.data }
    : { wrong: unseen.map((label) => ({ field: fieldOf(['labels', label]), message: refusals.notAName })) }
}

interface About {
  service: string
  namespace: string | null
}
interface Owned extends About {
  tenant: string
  alert: AlertmanagerAlert
}

const aboutOf = ({ labels }: AlertmanagerAlert): About => ({
  service: labels['service'] ?? '',
  namespace: labels['namespace'] || null,
})

/** With the shared token, the tenant that owns the service; with an access token its tenant, if that owns the service. Null: nobody. */
function tenantOf({ tenants }: Gateway, caller: Caller, { service, namespace }: About): string | null {
  if (service === '') return null
  if (caller === alertSender) return tenants.ownerOf(service, namespace)
  return tenants.of(caller.tenant).has(service, namespace) ? caller.tenant : null
}

/** Requests a diagnosis for the alerts of one service that have none yet. Equal notifications get equal ids, even at the same time. */
function startOnce(
  gateway: Gateway,
  asked: Pick<Asked<'receiveAlerts'>, 'trace' | 'refused'>,
  caller: Caller,
  group: readonly Owned[],
) {
  const byKey = new Map(group.map((one) => [keyOf(one.alert), one]))
  const { tenant, service, namespace } = group[0]!
  const keyed = { caller: `alertmanager ${tenant}`, keys: [...byKey.keys()].toSorted() }
  return publishForNew(gateway.pool, keyed, {
    prepare: (fresh) => {
      const id = (what: string) => uuidv5(JSON.stringify([what, tenant, service, namespace, ...fresh]), IDS)
      const value: Events['DiagnosisRequested'] = {
        ...stamp(tenant, gateway.now()),
        ...{ event_id: id('event'), session_id: id('session'), requested_by: caller.id },
        ...{ service, namespace, affected_services: [service] },
        ...questionOf(
          fresh.map((key) => byKey.get(key)!.alert),
          gateway.now(),
        ),
      }
      return { event: 'DiagnosisRequested' as const, value }
    },
    publish: (event) => publish(gateway, event, asked),
  })
}

const keyOf = ({ labels, startsAt }: AlertmanagerAlert): string => uuidv5(canonicalize([labels, Date.parse(startsAt)]) ?? '', IDS) // prettier-ignore

const LONGEST = 4096
const cut = (text: string): string => text.slice(0, LONGEST).toWellFormed()

/** `alert_ids` are those of a control-plane, which Alertmanager does not know. */
function questionOf(alerts: readonly AlertmanagerAlert[], now: number) {
  const since = Math.min(...alerts.map(({ startsAt }) => Date.parse(startsAt)))
  const names = new Set(alerts.flatMap(({ labels }) => labels['alertname'] ?? []))
  const context = { alert: [...names].toSorted().join(', '), summary: alerts.map(summaryOf).join('; ') }
  return {
    ...{ kind: 'alert', incident_ids: [], alert_ids: [], deployment_id: null, question: null, max_execution_ms: null },
    severity: alerts.map(severityOf).toSorted()[0] ?? null,
    ...windowOf(since, now),
    context: { alert: cut(context.alert), summary: cut(context.summary), started_at: new Date(since).toISOString() },
  }
}

const MINUTE = 60_000

/** For an alert that comes late, such as after an outage of the bus, the time around its start; otherwise the agent chooses. */
function windowOf(since: number, now: number) {
  const age = now - since
  if (age < 15 * MINUTE || age > 7 * 86_400_000) return { window_start: null, window_end: null }
  return { window_start: since - 15 * MINUTE, window_end: Math.min(now, since + 30 * MINUTE) }
}
