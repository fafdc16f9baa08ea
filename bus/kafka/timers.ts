/** Patches kafkajs, which is no longer maintained: it sets timers with a negative delay, and Node 24 prints a warning for each connection. */
import { createRequire } from 'node:module'

interface RequestQueue {
  throttledUntil: number
  pending: readonly unknown[]
  throttleCheckTimeoutId: NodeJS.Timeout | null
  checkPendingRequests(): void
  scheduleCheckPendingRequests(): void
}

const PENDING_MS = 10
const load: (id: string) => { prototype: RequestQueue } = createRequire(import.meta.url)

/** What kafkajs intends: wait until throttling ends, or check pending requests soon. */
load('kafkajs/src/network/requestQueue').prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
  if (this.throttleCheckTimeoutId !== null && this.throttleCheckTimeoutId !== undefined) return
  const throttledMs = this.throttledUntil - Date.now()
  if (throttledMs <= 0 && this.pending.length === 0) return
  this.throttleCheckTimeoutId = setTimeout(
    () => {
      this.throttleCheckTimeoutId = null
      this.checkPendingRequests()
    },
    throttledMs > 0 ? throttledMs : PENDING_MS,
  )
}
