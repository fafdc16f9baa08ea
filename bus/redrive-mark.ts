/** Marks on the dead-letter topic record which letters were redriven. */
import type { Delivery, EncodedRecord } from './bus.ts'
import { PREFIX } from './letter-headers.ts'

/** Names a letter of the same topic that was redriven; a record with this header is a mark, not a letter. */
const REDRIVEN = `${PREFIX}redriven`

/** Published with a redrive. `place` of the letter: `<partition>/<offset>`. */
export const redrivenMark = (deadLetterTopic: string, place: string): EncodedRecord => ({
  topic: deadLetterTopic,
  key: REDRIVEN,
  value: Buffer.alloc(0),
  headers: { [REDRIVEN]: place },
})

/** The place of the letter this mark refers to; null if the record is a letter. */
export const markedAsRedriven = ({ headers }: Delivery): string | null => headers[REDRIVEN] ?? null
