import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { readIncident } from '../../recording/read.ts'

const FOLDER = join(import.meta.dirname, '../../test/scenarios')

/** Recordings that come with the platform, by id. */
export async function findRecordings(): Promise<Map<string, string>> {
  const folders = (await readdir(FOLDER, { withFileTypes: true })).filter((entry) => entry.isDirectory())
  const found = await Promise.all(
    folders.map(async ({ name }) => [(await readIncident(join(FOLDER, name))).id, join(FOLDER, name)] as const),
  )
  return new Map(found)
}
