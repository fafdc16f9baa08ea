/** Writes docs/reference/asyncapi.yaml and docs/reference/events.md: `npm run asyncapi:generate`. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { format, resolveConfig } from 'prettier'
import { stringify } from 'yaml'
import { loadContract } from '../contract.ts'
import { asyncapi } from './asyncapi.ts'
import { eventsPage } from './events-page.ts'

const root = join(import.meta.dirname, '../..')
const reference = join(root, 'docs/reference')

export const ASYNCAPI = join(reference, 'asyncapi.yaml')
export const EVENTS = join(reference, 'events.md')

/** Both files, formatted with prettier as in the repository. */
export async function documents(): Promise<Map<string, string>> {
  const contract = loadContract()
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  const made = '# Made by `npm run asyncapi:generate` from topics.yaml and schemas/.\n'
  return new Map([
    [
      ASYNCAPI,
      await formatted(ASYNCAPI, made + stringify(asyncapi(contract, version), { aliasDuplicateObjects: false })),
    ],
    [EVENTS, await formatted(EVENTS, eventsPage(contract))],
  ])
}

const formatted = async (file: string, text: string): Promise<string> =>
  format(text, { ...(await resolveConfig(file)), filepath: file })

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const [file, text] of await documents()) writeFileSync(file, text)
}
