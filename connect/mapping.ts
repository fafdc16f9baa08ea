/** The mapping file: how names at a source translate to services and namespaces, and where a body keeps each field. */
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'

/** Fields of the generic webhook. */
export const FIELDS = ['id', 'service', 'at', 'type', 'summary', 'namespace', 'author', 'before', 'after'] as const
export type Field = (typeof FIELDS)[number]

const name = z.string().min(1)
const mapping = z.strictObject({
  services: z.record(name, name).default({}),
  namespaces: z.record(name, name).default({}),
  environments: z.array(name).min(1).optional(),
  fields: z.partialRecord(z.enum(FIELDS), name).default({}),
})

export type Mapping = z.output<typeof mapping>

export const noMapping: Mapping = mapping.parse({})

export const readMapping = (path: string): Mapping => mapping.parse(parse(readFileSync(path, 'utf8')))

/** The service that the first of these names is mapped to, or else the last name itself. */
export const serviceOf = ({ services }: Mapping, ...names: readonly [string, ...string[]]): string =>
  names.map((one) => services[one]).find((one) => one !== undefined) ?? names.at(-1)!
