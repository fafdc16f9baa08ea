/** What is wrong in a process. It ends with the process: a new one is healthy. */
import { z } from 'zod'

const amount = z.number().min(0)
const share = amount.max(1)

const conditions = z.strictObject({
  /** bytes of memory that each request leaves behind */
  keptBytes: amount,
  /** ms of each half second that the process computes for nothing */
  computingMs: amount.max(500),
  /** ms by which the data store is slower */
  storeMs: amount,
  /** share of the calls to the data store that fail */
  storeFails: share,
  /** share of the connections to the data store that are never given back */
  keptConnections: share,
  /** bytes of an entry in the journal, which is then never rotated; 0: entries are small, and it is */
  entryBytes: amount,
})

export const someConditions = conditions.partial()
export type Conditions = z.infer<typeof conditions>
export type SomeConditions = z.infer<typeof someConditions>

export const HEALTHY: Conditions = {
  keptBytes: 0,
  computingMs: 0,
  storeMs: 0,
  storeFails: 0,
  keptConnections: 0,
  entryBytes: 0,
}
