import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { readIncident } from '../../recording/read.ts'
import { CommandError } from '../login/context.ts'
import { failures } from './texts.ts'

const FOLDER = join(import.meta.dirname, '../../test/scenarios')

/** The included recordings of public incidents (those with an attribution), by id. Throws if there is none. */
export async function findRecordings(folder = FOLDER): Promise<Map<string, string>> {
  const folders = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isDirectory())
  const incidents = await Promise.all(
    folders.map(async ({ name }) => ({ dir: join(folder, name), incident: await readIncident(join(folder, name)) })),
  )
  const cited = incidents.filter(({ incident }) => incident.source?.citation !== undefined)
  if (cited.length === 0) throw new CommandError(failures.noRecording(folder))
  return new Map(cited.map(({ dir, incident }) => [incident.id, dir]))
}
