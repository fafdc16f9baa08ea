/** Marker records on the dead-letter topic say which letters were redriven. */
import type { Delivery, EncodedRecord } from './bus.ts'
import { PREFIX } from './letter-headers.ts'

/** Position of the redriven letter on the same topic; a record with this header is a marker, not a letter. */
const REDRIVEN = `${PREFIX}redriven`

/** Published together with the redrive. `place`: the letter's `<partition>/<offset>`. */
export const redrivenMark = (deadLetterTopic: string, place: string): EncodedRecord => ({
  topic: deadLetterTopic,
  key: REDRIVEN,
  value: Buffer.alloc(0),
  headers: { [REDRIVEN]: place },
})

/** The `<partition>/<offset>` of the letter this marker refers to; null if the record is a letter. */
export const markedAsRedriven = ({ headers }: Delivery): string | null => headers[REDRIVEN] ?? null
