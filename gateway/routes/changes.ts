/** Server-sent events of what changes: first what is open, or what changed after `Last-Event-ID`; then each change, until the token expires. */
import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import type { Caller } from '../auth/caller.ts'
import type { Gateway } from '../gateway.ts'
import { BEFORE_ALL, OUTLOOK, type Place, seenNow } from '../views/changed.ts'
import { beStream, holdOpen } from './hold-open.ts'
import { patiently } from './session-frames.ts'

const BATCH = 500
/** ms until it looks again while another transaction is open */
const BEHIND_MS = 1000
const ID = /^(\d{1,19})\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/

interface Change extends Place {
  data: object
}

export interface Changes {
  /** of the event */
  name: string
  /** `Last-Event-ID`; one that this gateway did not give starts as without */
  after: string | undefined
  /** What changed after one place and before a transaction; null: what is open. */
  read(part: { after: Place | null; before: string; limit: number }): Promise<Change[]>
}

export function streamChanges(gateway: Gateway, caller: Caller, reply: FastifyReply, changes: Changes): Readable {
  const watcher = gateway.watch.watch(OUTLOOK)
  const { signal } = holdOpen(gateway, caller, reply, watcher.close)
  beStream(gateway, reply)
  return Readable.from(frames())

  async function* frames(): AsyncGenerator<string> {
    const { pool, heartbeatMs } = gateway
    let after = placeOf(changes.after)
    yield ': connected\n\n'
    while (!signal.aborted) {
      const seen = await patiently(() => seenNow(pool), signal)
      if (seen === null) return
      const { before, isBehind } = seen
      // of another database, such as one that was restored: nothing would come after it
      if (after !== null && BigInt(after.changed) > BigInt(before)) after = null
      for (let isWhole = false; !isWhole;) {
        const rows = await patiently(() => changes.read({ after, before, limit: BATCH }), signal)
        if (rows === null) return
        for (const { changed, id, data } of rows) yield `id: ${changed}/${id}\nevent: ${changes.name}\ndata: ${JSON.stringify(data)}\n\n` // prettier-ignore
        isWhole = rows.length < BATCH
        after = isWhole ? { changed: before, id: BEFORE_ALL } : rows.at(-1)!
      }
      await watcher.changed(isBehind ? Math.min(BEHIND_MS, heartbeatMs) : heartbeatMs, signal)
      yield ': still here\n\n'
    }
  }
}

function placeOf(id: string | undefined): Place | null {
  const [, changed, row] = ID.exec(id ?? '') ?? []
  return changed === undefined || row === undefined ? null : { changed, id: row }
}
