/** Writes a replay as a recording, with what the control-plane would have reported. */
import { createRecording } from '../../recording/write.ts'
import { edges, type Replayed } from './replay.ts'

/** `window`: ms since the epoch, for incident.json; `rateWindowMs`: that of the replay. Throws `RecordingError` `exists` if the folder already has a recording. */
export async function recordReplay(
  dir: string,
  replayed: Replayed,
  window: { start: number; end: number },
  rateWindowMs = 30_000,
): Promise<void> {
  const text = (instant: number): string => new Date(instant).toISOString()
  const incident = { id: 'shop', title: 'The shop, replayed', window: { start: text(window.start), end: text(window.end) }, rate_window_s: rateWindowMs / 1000 } // prettier-ignore
  const writer = await createRecording(dir, incident)
  await writer.samples(replayed.samples)
  await writer.logs(replayed.logs)
  await writer.graph(edges)
  await writer.alerts([])
  await writer.changes(
    replayed.changes.map(({ at, type, service, summary, before, after }, index) => ({
      ...{ id: `change-${index}`, timestamp: text(at), event_type: type, service_name: service, summary },
      changes: { before, after },
    })),
  )
  await writer.close()
}
