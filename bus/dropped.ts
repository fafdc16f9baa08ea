/** Reports data that was dropped because a limit was reached; the metrics count it. */
import { channel } from 'node:diagnostics_channel'

/** Everything that outside input can make grow and that is therefore bounded; the limits are in docs/guides/operate-the-bus.md. */
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
