import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { readIncident } from '../../recording/read.ts'

const FOLDER = join(import.meta.dirname, '../../test/scenarios')

/** Recordings of public incidents that come with the platform, by id: those that say whom to cite. */
export async function findRecordings(): Promise<Map<string, string>> {
  const folders = (await readdir(FOLDER, { withFileTypes: true })).filter((entry) => entry.isDirectory())
  const incidents = await Promise.all(
    folders.map(async ({ name }) => ({ dir: join(FOLDER, name), incident: await readIncident(join(FOLDER, name)) })),
  )
  const cited = incidents.filter(({ incident }) => incident.source?.citation !== undefined)
  return new Map(cited.map(({ dir, incident }) => [incident.id, dir]))
}
