import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'

export const INCIDENT = {
  id: 'one',
  window: { start: '2026-03-01T10:00:00Z', end: '2026-03-01T10:10:00Z' },
}

/** A temporary folder with these files, deleted after the test. */
export async function folder(files: Record<string, string | Buffer> = {}): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'recording-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(dir, name)), { recursive: true })
    await writeFile(join(dir, name), content)
  }
  return dir
}

/** A recording with these files and a small incident.json. */
export const recording = (files: Record<string, string | Buffer> = {}): Promise<string> =>
  folder({ 'incident.json': JSON.stringify(INCIDENT), ...files })
