/** Checks schemas against the released ones, by the compatibility of their topic. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import avsc, { type Schema } from 'avsc'
import { type Contract, schemaFileOf, type Topic } from './contract.ts'

/** Where each release of a schema is kept: `<schema>/<number>.avsc`, never changed afterwards. */
export const RELEASED = join(import.meta.dirname, 'released')

export interface SchemaCheck {
  topic: string
  event: string
  compatibility: Topic['compatibility']
  /** number of the last release; 0: never released */
  released: number
  /** the schema differs from its last release */
  changed: boolean
  /** incompatibilities with the releases; empty: compatible */
  problems: readonly string[]
}

/** `BACKWARD`: must read the last release. `FULL_TRANSITIVE`: must read every release and be readable by every release. */
export function problemsOf(
  schema: Schema,
  compatibility: Topic['compatibility'],
  released: readonly Schema[],
): string[] {
  const numbered = released.map((one, place) => ({ one, number: place + 1 }))
  if (compatibility === 'BACKWARD')
    return numbered.slice(-1).flatMap(({ one, number }) => cannotRead(schema, one, `it cannot read release ${number}`))
  return numbered.flatMap(({ one, number }) => [
    ...cannotRead(schema, one, `it cannot read release ${number}`),
    ...cannotRead(one, schema, `release ${number} cannot read it`),
  ])
}

export const checkSchemas = (contract: Contract, folder = RELEASED): SchemaCheck[] =>
  contract.topics.map(({ name, event, compatibility, schema }) => {
    const released = releasesOf(event, folder)
    const last = released.at(-1)
    return {
      topic: name,
      event,
      compatibility,
      released: released.length,
      changed: last === undefined || canonical(schema) !== canonical(last),
      problems: problemsOf(schema, compatibility, released),
    }
  })

/** Stores every changed schema as its next release and returns the files. Throws, without storing any, if one is incompatible. */
export function releaseSchemas(contract: Contract, folder = RELEASED): string[] {
  const checks = checkSchemas(contract, folder)
  const refused = checks.filter(({ problems }) => problems.length > 0)
  if (refused.length > 0) throw new Error(refused.map(({ event, problems }) => `${event}: ${problems.join('; ')}`).join('\n')) // prettier-ignore
  return checks
    .filter(({ changed }) => changed)
    .map(({ event, released }) => {
      const place = join(folder, schemaFileOf(event))
      mkdirSync(place, { recursive: true })
      const file = join(place, `${released + 1}.avsc`)
      writeFileSync(file, `${JSON.stringify(contract.topicOf(event as Topic['event']).schema, null, 2)}\n`)
      return file
    })
}

function releasesOf(event: string, folder: string): Schema[] {
  const place = join(folder, schemaFileOf(event))
  if (!existsSync(place)) return []
  const count = readdirSync(place).filter((name) => name.endsWith('.avsc')).length
  return Array.from({ length: count }, (_, at) => JSON.parse(readFileSync(join(place, `${at + 1}.avsc`), 'utf8')))
}

function cannotRead(reader: Schema, writer: Schema, why: string): string[] {
  try {
    typeOf(reader).createResolver(typeOf(writer))
    return []
  } catch (error) {
    return [`${why}: ${error instanceof Error ? error.message : String(error)}`]
  }
}

const typeOf = (schema: Schema) => avsc.Type.forSchema(structuredClone(schema))
/** Includes docs and defaults, because a registry treats a change of them as a new version. */
const canonical = (schema: Schema): string => JSON.stringify(typeOf(schema).schema({ exportAttrs: true }))
