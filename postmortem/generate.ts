/** Writes docs/reference/postmortem.schema.json, the JSON Schema of a report: `npm run postmortem:generate`. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { reportJsonSchema } from './report.ts'

export const SCHEMA = join(import.meta.dirname, '../docs/reference/postmortem.schema.json')

export const publishedSchema = async (): Promise<string> =>
  format(JSON.stringify(reportJsonSchema()), { ...(await resolveConfig(SCHEMA)), filepath: SCHEMA })

if (import.meta.main) writeFileSync(SCHEMA, await publishedSchema())
