import { readFileSync } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build, cached } from './cache.ts'

const requirements = new URL('schemathesis/requirements.txt', import.meta.url)

/** Tests an API against its OpenAPI document, with sequences of requests that follow its links. */
export const schemathesis = cached('schemathesis', readFileSync(requirements, 'utf8'), async (folder) => {
  await copyFile(requirements, join(folder, 'requirements.txt'))
  await build(['python3', '-m', 'venv', '.'], folder)
  await build([join(folder, 'bin', 'python'), '-m', 'pip', 'install', '-q', '-r', 'requirements.txt'], folder)
})

/** Run through Python, because the scripts of a moved environment still name its old folder. */
export const schemathesisCommand = (): [string, ...string[]] => [
  join(schemathesis.folder, 'bin', 'python'),
  '-m',
  'schemathesis.cli',
]
const own = (file: string) => new URL(`schemathesis/${file}`, import.meta.url).pathname
export const schemathesisHooks = own('hooks.py')
export const schemathesisConfig = own('schemathesis.toml')
