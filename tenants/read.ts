/** Reads the file that assigns services to tenants. */
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'
import { createTenants, type Tenants } from './tenants.ts'

const shown = z
  .string()
  .min(1)
  .max(253)
  .regex(/^[^\p{C}\s]+$/u, 'must be a name without blanks or invisible characters')
/** the characters Mimir, Loki and Tempo allow */
const scope = z.string().regex(/^[A-Za-z0-9!\-_.*'()|]{1,150}$/, 'must be a tenant id of Mimir, Loki or Tempo')
const patterns = z.array(shown).min(1)

const belongings = z
  .strictObject({
    services: patterns.optional(),
    namespaces: patterns.optional(),
    scopes: z.strictObject({ prometheus: scope, loki: scope, traces: scope }).partial().optional(),
  })
  .refine(
    ({ services, namespaces }) => services !== undefined || namespaces !== undefined,
    "needs services or namespaces; services: ['*'] is everything",
  )

const file = z.strictObject({
  tenants: z.record(shown, belongings).refine((tenants) => Object.keys(tenants).length > 0, 'names no tenant'),
})

/** Throws an error that lists what is wrong. */
export function readTenants(path: string): Tenants {
  const { tenants } = file.parse(parse(readFileSync(path, 'utf8')))
  return createTenants(new Map(Object.entries(tenants)))
}
