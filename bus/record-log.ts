/** A topic whose records are not ours, read by time instead of by a group's offsets: what was read is known from what the reader concluded. */
import type { Delivery } from './bus.ts'

export interface RecordLog {
  topic: string
  /** Goes to the first record that was written at `time` (ms since the epoch) or later. Throws `BusError`. */
  from(time: number): Promise<void>
  /**
   * The records up to `until` that are on the topic now, in the order in which they were written. One that the reader did not get past is given again by the
   * next call. Throws `BusError` `unavailable`; then `from` must be called again.
   */
  read(until: number, signal: AbortSignal): AsyncGenerator<Delivery>
  close(): Promise<void>
}
