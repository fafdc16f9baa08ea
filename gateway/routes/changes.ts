/** Server-sent events of what changes: first what is open, or what changed after `Last-Event-ID`; then each change, until the token expires. */
import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import type { Caller } from '../auth/caller.ts'
import type { Gateway } from '../gateway.ts'
import { BEFORE_ALL, OUTLOOK, type Part, type Place, seenNow } from '../views/changed.ts'
import { beStream, holdOpen } from './hold-open.ts'
import { patiently } from './session-frames.ts'

const BATCH = 500
/** ms until it looks again while another transaction is open */
const BEHIND_MS = 1000
/** `<transaction>/<row>`, plus `~<transaction>` at which the stream began, while it tells what was open then. */
const ID = /^(\d{1,19})\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:~(\d{1,19}))?$/

interface Change extends Place {
  data: object
}

export interface Changes {
  /** of the event */
  name: string
  /** `Last-Event-ID`; one that this gateway did not give starts as without */
  after: string | undefined
  read(part: Part): Promise<Change[]>
}

export function streamChanges(gateway: Gateway, caller: Caller, reply: FastifyReply, changes: Changes): Readable {
  const watcher = gateway.watch.watch(OUTLOOK)
  const { signal } = holdOpen(gateway, caller, reply, watcher.close)
  beStream(gateway, reply)
  return Readable.from(frames())

  async function* frames(): AsyncGenerator<string> {
    const { pool, heartbeatMs } = gateway
    let began = beganAt(changes.after)
    yield ': connected\n\n'
    while (!signal.aborted) {
      const seen = await patiently(() => seenNow(pool), signal)
      if (seen === null) return
      const { before, isBehind } = seen
      // of another database, such as one that was restored: nothing would come after it
      if (began !== null && [began.after.changed, began.openBefore].some((id) => BigInt(id) > BigInt(before)))
        began = null
      began ??= { after: { changed: '0', id: BEFORE_ALL }, openBefore: before }
      const { openBefore } = began
      let { after }: { after: Place } = began
      for (let isWhole = false; !isWhole;) {
        const rows = await patiently(() => changes.read({ after, openBefore, before, limit: BATCH }), signal)
        if (rows === null) return
        for (const { changed, id, data } of rows) yield `id: ${changed}/${id}${BigInt(changed) < BigInt(openBefore) ? `~${openBefore}` : ''}\nevent: ${changes.name}\ndata: ${JSON.stringify(data)}\n\n` // prettier-ignore
        isWhole = rows.length < BATCH
        after = isWhole ? { changed: before, id: BEFORE_ALL } : rows.at(-1)!
      }
      began = { after, openBefore }
      await watcher.changed(isBehind ? Math.min(BEHIND_MS, heartbeatMs) : heartbeatMs, signal)
      yield ': still here\n\n'
    }
  }
}

/** null: it says nothing of this gateway. */
function beganAt(id: string | undefined): Pick<Part, 'after' | 'openBefore'> | null {
  const [, changed, row, openBefore = '0'] = ID.exec(id ?? '') ?? []
  return changed === undefined || row === undefined ? null : { after: { changed, id: row }, openBefore }
}
