/** Writes docs/reference/configuration.md from the variables the programs read: `npm run docs:configuration`. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { z } from 'zod'
import { variables } from './config.ts'
import { takenByStart } from './start/own-systems.ts'

const target = join(import.meta.dirname, '../docs/reference/configuration.md')

/** As it lies in the repository: the page, formatted as everything is. */
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
    'By environment only. `<NAME>_FILE` may hold the value instead of `<NAME>`, for secrets. Everything wrong is told in one message at start.',
    '',
    '`sre serve` takes all of them. `npm start` brings the parts itself: it takes those marked in the last column, and refuses the others by name (but for `SRE_GATEWAY_URL`, which is for the commands of people). With one of `PROMETHEUS_URL`, `LOKI_URL` and `TRACES_URL` the agents read your systems, and neither the shop nor its control-plane is started ([what is known then](sources.md#without-a-control-plane)). With the shop `VERIFY_AFTER_S` is `15,30,60` unless set. `npm run demo` takes `LOG_LEVEL` and `RETENTION_DAYS`, and names what it leaves alone. The language people read is that of the locale (`LC_ALL`, `LC_MESSAGES`, `LANG`), unless `--language` says another.',
    '',
    '| variable | what it is | default | `npm start` |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n')
}

if (import.meta.main) writeFileSync(target, await configurationPage())
