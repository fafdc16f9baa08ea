/** Parses the control-plane's JSON documents, from HTTP or from a recording: timestamps in ms, absent fields as null. */
import { z } from 'zod'
import { firesAt, statusOf } from '../../../recording/alert.ts'
import { entries, items } from '../../../recording/items.ts'
import { parsed, wordsOf } from '../answer.ts'
import type { AuditLogItem, Deployment, FiringAlert, Incident, Resource } from '../tools.ts'
import { notes } from '../notes.ts'

const instant = z.string().transform((text, context) => {
  const ms = Date.parse(text)
  if (!Number.isNaN(ms)) return ms
  context.addIssue({ code: 'custom', message: `not a timestamp: ${text.slice(0, 80)}` })
  return z.NEVER
})
const id = z.union([z.string(), z.number()]).transform(String)
const text = z.string().nullish().transform((value) => value ?? null) // prettier-ignore
const words = z.string().nullish().transform((value) => value ?? '') // prettier-ignore
const severity = z.string().nullish().transform((value) => value ?? 'unknown') // prettier-ignore

/** Alternative names of a field, because the contract leaves them open. The first one present is used. */
const called = (names: Readonly<Record<string, readonly string[]>>) => (value: unknown) => {
  if (typeof value !== 'object' || value === null) return value
  const found = value as Record<string, unknown>
  const chosen = Object.entries(names).map(([name, others]) => [
    name,
    [name, ...others].map((one) => found[one]).find((one) => one !== undefined && one !== null),
  ])
  return { ...found, ...Object.fromEntries(chosen.filter(([, one]) => one !== undefined)) }
}

const ENDS = ['ends_at', 'endsAt', 'resolved_at', 'resolvedAt', 'closed_at']

const auditLog = z.looseObject({
  id,
  timestamp: instant,
  event_type: z.string(),
  author: text,
  service_name: words,
  summary: z.string(),
  changes: z.unknown().optional(),
})
const incident = z.preprocess(
  called({
    started_at: ['created_at'],
    acknowledged_at: ['acknowledgedAt'],
    ended_at: ENDS,
    title: ['summary', 'name'],
  }),
  z.looseObject({
    id,
    title: words,
    service_name: z.string(),
    severity,
    status: z.string(),
    started_at: instant,
    acknowledged_at: instant.nullish().catch(null),
    ended_at: instant.nullish().catch(null),
  }),
)
const alert = z.preprocess(
  called({
    started_at: ['starts_at', 'startsAt', 'created_at'],
    ended_at: ENDS,
    name: ['alert_name', 'title'],
  }),
  z.looseObject({
    id,
    service_name: words,
    name: words,
    summary: words,
    severity,
    // a string, or Alertmanager's {state}
    status: z.unknown().transform(statusOf).pipe(z.string()), // prettier-ignore
    started_at: instant,
    ended_at: instant.nullish().catch(null),
    labels: entries(z.string()).nullish().transform((value) => value ?? {}), // prettier-ignore
  }),
)
const deployment = z.looseObject({
  id,
  service_name: z.string(),
  namespace: text,
  image_tag: z.string(),
  previous_image_tag: text,
  started_at: instant,
  finished_at: instant.nullish().transform((value) => value ?? null),
  status: z.string(),
})
const resource = z.looseObject({
  service_name: z.string(),
  namespace: text,
  image_tag: text,
  replicas: z.number().nullish().transform((value) => value ?? null), // prettier-ignore
  depends_on: items(z.string()).nullish().transform((value) => value ?? null), // prettier-ignore
})

/** Parses each item of a list. Items that cannot be parsed are left out with a warning; if none can, throws the first error. */
export function parsedEach<T>(values: readonly unknown[], parse: (value: unknown) => T) {
  const items: T[] = []
  let first: unknown = null
  for (const value of values)
    try {
      items.push(parse(value))
    } catch (error) {
      first ??= error
    }
  if (items.length === 0 && first !== null) throw first
  const left = values.length - items.length
  const told = notes.unreadItems(left, values.length, wordsOf(first))
  return { items, warnings: left === 0 ? [] : [told], incomplete: left > 0 }
}

export const parseAuditLog = (value: unknown): AuditLogItem => {
  const { id, timestamp, event_type, author, service_name, summary, changes } = parsed(auditLog, 'an audit log', value)
  return { id, timestamp, event_type, author, service_name, summary, changes: asChanges(changes) }
}
export const parseIncident = (value: unknown): Incident => {
  const found = parsed(incident, 'an incident', value)
  const { id, title, service_name, severity, status, started_at, acknowledged_at, ended_at } = found
  const acknowledged = typeof acknowledged_at === 'number' && acknowledged_at > 0 ? { acknowledged_at } : {}
  return { id, title, service_name, severity, status, started_at, ...acknowledged, ...ended(ended_at) }
}
export const parseAlert = (value: unknown): FiringAlert => {
  const found = parsed(alert, 'an alert', value)
  const { id, service_name, name, summary, severity, status, started_at, ended_at, labels } = found
  return { id, service_name, name, summary, severity, status, started_at, ...ended(ended_at), labels }
}

/** The year 1 stands for an unknown end. */
const ended = (at: number | null | undefined): { ended_at?: number } =>
  typeof at === 'number' && at > 0 ? { ended_at: at } : {}

export const isFiringAt = (now: number, { status, ended_at }: FiringAlert): boolean =>
  firesAt({ status, ended: ended_at ?? null }, now)

export const parseDeployment = (value: unknown): Deployment => {
  const fields = parsed(deployment, 'a deployment', value)
  const { id, service_name, namespace, image_tag, previous_image_tag, started_at, finished_at, status } = fields
  return { id, service_name, namespace, image_tag, previous_image_tag, started_at, finished_at, status }
}
export const parseResource = (value: unknown): Resource => {
  const { service_name, namespace, image_tag, replicas, depends_on } = parsed(resource, 'a resource', value)
  return { service_name, namespace, image_tag, replicas, depends_on }
}

const asChanges = (changes: unknown): AuditLogItem['changes'] => {
  if (changes === undefined || changes === null) return null
  return typeof changes === 'object' && !Array.isArray(changes) && ('before' in changes || 'after' in changes)
    ? (changes as { before?: unknown; after?: unknown })
    : { after: changes }
}
