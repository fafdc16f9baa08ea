/** The file of own PromQL for the anomaly agent. */
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'
import { fillableOf } from '../../../analysis/filling/resources.ts'
import { PROFILES } from '../../tools/prometheus/resolve.ts'

export interface Query {
  /** the indicator */
  name: string
  expr: string
  /** of all its series, or the label that names the service of each */
  service: { name: string } | { label: string }
  unit: string | null
  /** value at which something is full; null: it is unknown */
  capacity: number | null
}

const MOST = 100
const MEASURED: ReadonlySet<string> = new Set(PROFILES.flatMap(({ indicators }) => indicators.map(({ name }) => name)))
const text = z.string().min(1)

const query = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z][a-z0-9_]{0,99}$/i, 'must be letters, digits and _, such as orders_rate')
      .refine((name) => !MEASURED.has(name), 'is a golden signal, which is measured already: choose another name'),
    expr: text,
    service: text.optional(),
    service_label: text.optional(),
    unit: text.optional(),
    capacity: z.number().positive().optional(),
  })
  .superRefine(({ name, service, service_label: label, unit, capacity }, { addIssue }) => {
    const wrong = (path: string, message: string) => addIssue({ code: 'custom', path: [path], message })
    if ((service === undefined) === (label === undefined))
      wrong('service_label', 'needs either service_label or service')
    if (capacity === undefined) return
    if (unit !== undefined) wrong('unit', 'is not needed with a capacity: what is watched is the share of it')
    if (fillableOf({ service: '', indicator: name, unit: 'ratio' }) === null) wrong('name', 'must say what the capacity is of, such as queue, connections, disk or memory') // prettier-ignore
  })

const file = z.strictObject({
  queries: z
    .array(query)
    .min(1)
    .max(MOST)
    .superRefine((all, { addIssue }) => {
      for (const [at, { name }] of all.entries())
        if (all.findIndex((one) => one.name === name) < at) addIssue({ code: 'custom', path: [at, 'name'], message: 'is used twice' }) // prettier-ignore
    }),
})

/** Throws one `ZodError` that lists every mistake, or the error of the file system or of YAML. */
export const readQueries = (path: string): Query[] =>
  file
    .parse(parse(readFileSync(path, 'utf8')))
    .queries.map(({ name, expr, service, service_label: label, unit, capacity }) => ({
      ...{ name, expr, unit: unit ?? null, capacity: capacity ?? null },
      service: service === undefined ? { label: label! } : { name: service },
    }))
