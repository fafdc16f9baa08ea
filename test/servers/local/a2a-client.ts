import { readFileSync } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build, cached } from './cache.ts'

const requirements = new URL('a2a-client/requirements.txt', import.meta.url)

/** A Python with the A2A project's own SDK, as an independent client. */
export const a2aClient = cached('a2a-client', readFileSync(requirements, 'utf8'), async (folder) => {
  await copyFile(requirements, join(folder, 'requirements.txt'))
  await build(['python3', '-m', 'venv', '.'], folder)
  await build([join(folder, 'bin', 'python'), '-m', 'pip', 'install', '-q', '-r', 'requirements.txt'], folder)
})

export const a2aClientPython = (): string => join(a2aClient.folder, 'bin', 'python')
export const a2aClientScript = new URL('a2a-client/call.py', import.meta.url).pathname
