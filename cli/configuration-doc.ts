/** Writes docs/reference/configuration.md from the variables the programs read: `npm run docs:configuration`. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { z } from 'zod'
import { variables } from './config.ts'

const target = join(import.meta.dirname, '../docs/reference/configuration.md')

/** As it lies in the repository: the page, formatted as everything is. */
export async function configurationPage(): Promise<string> {
  return format(page(), { ...(await resolveConfig(target)), parser: 'markdown' })
}

function page(): string {
  const rows = Object.entries(variables).map(([name, schema]) => {
    const fallback = schema instanceof z.ZodDefault ? `\`${String(schema.parse(undefined))}\`` : ''
    return `| \`${name}\` | ${schema.description ?? ''} | ${fallback} |`
  })
  return [
    '# Configuration',
    '',
    'By environment only. `<NAME>_FILE` may hold the value instead of `<NAME>`, for secrets. Everything wrong is told in one message at start.',
    '',
    'They are for `sre serve`. `npm start` brings all parts itself and takes only where they lie (`DATABASE_URL`, `DATA_DIR`, `GATEWAY_PORT`, `LOG_LEVEL`) and what the agents read (`PROMETHEUS_…`, `LOKI_…`, `GRAFANA_…`, `METRICS_MAPPING_FILE`); it refuses `CONTROL_PLANE_URL`, `OIDC_ISSUER`, `KAFKA_BROKERS` and `TRACES_URL`. `npm run demo` takes none.',
    '',
    '| variable | what it is | default |',
    '| --- | --- | --- |',
    ...rows,
    '',
  ].join('\n')
}

if (import.meta.main) writeFileSync(target, await configurationPage())
