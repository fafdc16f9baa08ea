/** A process that a test started may still be writing its coverage when the test's file ends. Half of a file cannot be read, which would fail the run. */
import { existsSync } from 'node:fs'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll } from 'vitest'

/** ms without a change after which the process that wrote is gone: killed, it left a part. */
const GONE_MS = 30_000

afterAll(async () => {
  const { NODE_V8_COVERAGE: folder } = process.env
  if (folder !== undefined && existsSync(folder)) await written(folder)
}, 180_000)

/** Once each file in the folder is whole. A part that does not grow any more is deleted. */
export async function written(folder: string, goneMs = GONE_MS): Promise<void> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.json')).map((name) => join(folder, name))
  await Promise.all(files.map((file) => writtenFile(file, goneMs)))
}

async function writtenFile(file: string, goneMs: number): Promise<void> {
  let [length, since] = [-1, Date.now()]
  for (;;) {
    const text = await readFile(file, 'utf8')
    if (isWhole(text)) return
    if (text.length !== length) [length, since] = [text.length, Date.now()]
    else if (Date.now() - since > goneMs) return rm(file)
    await wait(50)
  }
}

/** It usually ends with the time; parsing each of them would take a while. */
function isWhole(text: string): boolean {
  if (/"timestamp":[\d.]+\}$/.test(text.slice(-100))) return true
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
