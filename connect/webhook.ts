/** The generic webhook: one change as JSON, under our field names or, with a mapping file, under the sender's. */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Change } from './change.ts'
import { type Field, FIELDS, type Mapping, serviceOf } from './mapping.ts'
import { jsonOf, parsedValue } from './parsed-body.ts'
import { Refused } from './refused.ts'

const LONGEST = 500
const text = z.string().trim().min(1).max(LONGEST)
const optional = text.nullish().transform((value) => value ?? null)

/** Clocks differ a little. */
const AHEAD_MS = 5 * 60_000
/** Numbers below this are seconds since the epoch, above it ms: as seconds it is the year 5138. */
const SECONDS_END = 1e11

const instant = z
  .union([
    z.iso.datetime({ offset: true }).transform((value) => Date.parse(value)),
    z.number().positive().transform((value) => Math.round(value < SECONDS_END ? value * 1000 : value)), // prettier-ignore
  ])
  .refine((ms) => ms <= Date.now() + AHEAD_MS, 'is in the future')

const change = z.object({
  id: z.union([text, z.number().transform(String)]),
  service: text,
  at: instant,
  type: text.default('DEPLOYMENT'),
  summary: text,
  namespace: optional,
  author: optional,
  before: z.unknown(),
  after: z.unknown(),
})

/** Throws `Refused`. */
export function changeOfWebhook(bytes: Buffer, mapping: Mapping): Change {
  const body = jsonOf(bytes)
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new Refused(422, 'the body: must be one object')
  const placeOf = (field: Field): string => mapping.fields[field] ?? field
  const fields = Object.fromEntries(FIELDS.map((field) => [field, at(body, placeOf(field))]))
  const given = parsedValue(change, fields, (path) => placeOf(path as Field) ?? path)
  const { before = null, after = null, ...rest } = given
  const service = serviceOf(mapping, given.service)
  const namespace = given.namespace === null ? null : (mapping.namespaces[given.namespace] ?? given.namespace)
  const said = JSON.stringify([given.at, service, namespace, given.summary, before, after])
  const report = createHash('sha256').update(said).digest('hex')
  return { ...rest, id: `webhook/${given.id}`, report, service, namespace, before, after, deploymentId: given.id }
}

/** The value at a dotted path; an own property with that whole name comes first. */
function at(value: object, path: string): unknown {
  if (Object.hasOwn(value, path)) return (value as Record<string, unknown>)[path]
  return path.split('.').reduce<unknown>((found, name) => {
    return typeof found === 'object' && found !== null && Object.hasOwn(found, name)
      ? (found as Record<string, unknown>)[name]
      : undefined
  }, value)
}
