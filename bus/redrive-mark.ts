/** The log itself tells which letters were brought again: a mark lies beside them. */
import type { Delivery, EncodedRecord } from './bus.ts'
import { PREFIX } from './letter-headers.ts'

/** Names a letter of the same topic that was brought again; what has this header is itself no letter. */
const REDRIVEN = `${PREFIX}redriven`

/** Goes with a redrive, so that the log itself tells what was brought again. `place` of the letter: `<partition>/<offset>`. */
export const redrivenMark = (deadLetterTopic: string, place: string): EncodedRecord => ({
  topic: deadLetterTopic,
  key: REDRIVEN,
  value: Buffer.alloc(0),
  headers: { [REDRIVEN]: place },
})

/** The place of the letter that this mark is about; null where it is a letter. */
export const markedAsRedriven = ({ headers }: Delivery): string | null => headers[REDRIVEN] ?? null
