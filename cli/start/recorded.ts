/** The first part of the demo: the included recordings, each diagnosed before anything else is shown. */
import type { Bus } from '../../bus/bus.ts'
import { readIncident } from '../../recording/read.ts'
import type { DiagnosisCompleted } from '../../schemas/events.generated.ts'
import type { ClientContext } from '../login/context.ts'
import { paint } from '../terminal/line.ts'
import { findRecordings } from './recordings.ts'
import { askAboutRecording, type Watch } from './show.ts'
import { shown } from './texts.ts'
import type { Turns } from './turns.ts'

const LIMIT_MS = 60_000

/** Prints the heading of the live part at the end; throws `CommandError` if a diagnosis takes too long. */
export async function showRecorded(
  { print, language }: Pick<ClientContext, 'print' | 'language'>,
  bus: Bus,
  { watch, turns }: { watch: Watch; turns: Turns },
): Promise<DiagnosisCompleted[]> {
  const recordings = [...(await findRecordings()).values()]
  const incidents = await Promise.all(recordings.map(readIncident))
  print('')
  print(paint('bold', shown.recorded(incidents.flatMap(({ source }) => source?.name ?? []))[language]))
  const results: DiagnosisCompleted[] = []
  try {
    for (const dir of recordings) {
      const session = await askAboutRecording(bus, dir, turns.only)
      results.push(await watch.until('DiagnosisCompleted', (value) => value.session_id === session, LIMIT_MS))
    }
  } finally {
    print('')
    print(paint('bold', shown.live[language]))
    turns.all()
  }
  return results
}
