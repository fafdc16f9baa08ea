/** What is not kept because there is too much of it: told here by whoever drops it, counted by whoever keeps metrics. */
import { channel } from 'node:diagnostics_channel'

/** Everything that others can make grow and that has a bound; docs/guides/operate-the-bus.md says which. */
export const bounds = [
  'open_approval',
  'held_decision',
  'audit_entry',
  'cancellation',
  'session_event',
  'held_session',
  'session_approval',
  'idempotency_key',
] as const
export type Bounded = (typeof bounds)[number]

export const droppedChannel = channel('sre:dropped')

export function tellDropped(what: Bounded, count = 1): void {
  if (count > 0) droppedChannel.publish({ what, count } satisfies Dropped)
}

export interface Dropped {
  what: Bounded
  count: number
}
