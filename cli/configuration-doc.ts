/** Generates docs/reference/configuration.md from the variables in config.ts: `npm run docs:configuration`. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { z } from 'zod'
import { variables } from './config.ts'
import { takenByStart } from './start/own-systems.ts'

const target = join(import.meta.dirname, '../docs/reference/configuration.md')

/** The page, formatted with prettier as in the repository. */
export async function configurationPage(): Promise<string> {
  return format(page(), { ...(await resolveConfig(target)), parser: 'markdown' })
}

function page(): string {
  const rows = Object.entries(variables).map(([name, schema]) => {
    const fallback = schema instanceof z.ZodDefault ? `\`${String(schema.parse(undefined))}\`` : ''
    return `| \`${name}\` | ${schema.description ?? ''} | ${fallback} | ${takenByStart(name) ? 'yes' : ''} |`
  })
  return [
    '# Configuration',
    '',
    'Configuration comes from the environment only. For secrets, `<NAME>_FILE` may name a file with the value. At start, all errors are reported together.',
    '',
    '`sre serve` accepts all of them. `npm start` runs all components itself: it accepts those marked in the last column and rejects the others by name, except `SRE_GATEWAY_URL`, which is for client commands, and `OTEL_EXPORTER_OTLP_ENDPOINT`. With `PROMETHEUS_URL`, `LOKI_URL` or `TRACES_URL` the agents read your systems, and neither the shop nor its control-plane starts ([what is available then](sources.md#without-a-control-plane)). With the shop, `VERIFY_AFTER_S` defaults to `15,30,60`. `npm run demo` accepts `LOG_LEVEL` and `RETENTION_DAYS`, and lists what it ignores. The output language follows the locale (`LC_ALL`, `LC_MESSAGES`, `LANG`) unless `--language` is given.',
    '',
    '| variable | meaning | default | `npm start` |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n')
}

if (import.meta.main) writeFileSync(target, await configurationPage())
