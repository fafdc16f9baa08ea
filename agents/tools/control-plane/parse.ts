/** The control-plane's documents as tools give them on: instants in ms, absent as null. Used over HTTP and over a recording. */
import { z } from 'zod'
import type { AuditLogItem, Deployment, FiringAlert, Incident, Resource } from '../tools.ts'

const instant = z.string().transform((text, context) => {
  const parsed = Date.parse(text)
  if (!Number.isNaN(parsed)) return parsed
  context.addIssue({ code: 'custom', message: `not an instant: ${text}` })
  return z.NEVER
})
const text = z.string().nullish().transform((value) => value ?? null) // prettier-ignore
const severity = z.string().nullish().transform((value) => value ?? 'unknown') // prettier-ignore

const auditLog = z.looseObject({
  id: z.string(),
  timestamp: instant,
  event_type: z.string(),
  author: text,
  service_name: z.string().nullish().transform((value) => value ?? ''), // prettier-ignore
  summary: z.string(),
  changes: z.unknown().optional(),
})
const incident = z.looseObject({
  id: z.string(),
  title: z.string().nullish().transform((value) => value ?? ''), // prettier-ignore
  service_name: z.string(),
  severity,
  status: z.string(),
  started_at: instant,
})
const alert = z.looseObject({
  id: z.string(),
  service_name: z.string().nullish().transform((value) => value ?? ''), // prettier-ignore
  name: z.string().nullish().transform((value) => value ?? ''), // prettier-ignore
  summary: z.string().nullish().transform((value) => value ?? ''), // prettier-ignore
  severity,
  status: z.string(),
  started_at: instant,
  labels: z.record(z.string(), z.string()).nullish().transform((value) => value ?? {}), // prettier-ignore
})
const deployment = z.looseObject({
  id: z.string(),
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
  depends_on: z.array(z.string()).nullish().transform((value) => value ?? []), // prettier-ignore
})

/** Throws with the path of what does not fit: an answer in another form is a failure, not an empty one. */
function parse<T>(schema: z.ZodType<T>, what: string, value: unknown): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new Error(`the control-plane's ${what} is not as its contract says: ${z.prettifyError(parsed.error)}`)
}

export const parseAuditLog = (value: unknown): AuditLogItem => {
  const { id, timestamp, event_type, author, service_name, summary, changes } = parse(auditLog, 'audit log', value)
  return { id, timestamp, event_type, author, service_name, summary, changes: asChanges(changes) }
}
export const parseIncident = (value: unknown): Incident => {
  const { id, title, service_name, severity, status, started_at } = parse(incident, 'incident', value)
  return { id, title, service_name, severity, status, started_at }
}
export const parseAlert = (value: unknown): FiringAlert => {
  const { id, service_name, name, summary, severity, status, started_at, labels } = parse(alert, 'alert', value)
  return { id, service_name, name, summary, severity, status, started_at, labels }
}
export const parseDeployment = (value: unknown): Deployment => {
  const parsed = parse(deployment, 'deployment', value)
  const { id, service_name, namespace, image_tag, previous_image_tag, started_at, finished_at, status } = parsed
  return { id, service_name, namespace, image_tag, previous_image_tag, started_at, finished_at, status }
}
export const parseResource = (value: unknown): Resource => {
  const { service_name, namespace, image_tag, replicas, depends_on } = parse(resource, 'resource', value)
  return { service_name, namespace, image_tag, replicas, depends_on }
}

const asChanges = (changes: unknown): AuditLogItem['changes'] => {
  if (changes === undefined || changes === null) return null
  return typeof changes === 'object' && !Array.isArray(changes) && ('before' in changes || 'after' in changes)
    ? (changes as { before?: unknown; after?: unknown })
    : { after: changes }
}
