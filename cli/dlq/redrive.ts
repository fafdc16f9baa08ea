/** Redrives letters in batches. Each batch is published together with its redrive markers, so an interrupted run can be resumed. */
import { type Bus, BusError, type EncodedRecord, messageOf } from '../../bus/bus.ts'
import { ATTEMPT_HEADER, redriven } from '../../bus/dead-letter.ts'
import { redrivenMark } from '../../bus/redrive-mark.ts'
import type { FoundLetter } from './letters.ts'

export interface Brought {
  id: string
  topic: string
  attempt: number
}

export interface Refused {
  id: string
  reason: string
}

const PIECE_LETTERS = 100
const PIECE_BYTES = 2 * 1024 * 1024

/** One result per letter, in order. Throws if the bus becomes unreachable; results already yielded remain valid. */
export async function* redrive(bus: Bus, letters: AsyncIterable<FoundLetter>): AsyncGenerator<Brought | Refused> {
  let piece: FoundLetter[] = []
  let bytes = 0
  for await (const found of letters) {
    piece.push(found)
    bytes += found.letter.value.length
    if (piece.length < PIECE_LETTERS && bytes < PIECE_BYTES) continue
    yield* publishPiece(bus, piece)
    piece = []
    bytes = 0
  }
  yield* publishPiece(bus, piece)
}

/** If the topic refuses a record, only that one fails. */
async function* publishPiece(bus: Bus, piece: readonly FoundLetter[]): AsyncGenerator<Brought | Refused> {
  if (piece.length === 0) return
  const records = piece.map(({ letter }) => redriven(letter))
  try {
    await bus.publish(piece.flatMap(({ id }, at) => [records[at]!, markOf(id)]))
    yield* piece.map(({ id }, at) => ({ id, topic: records[at]!.topic, attempt: attemptOf(records[at]!) }))
  } catch (error) {
    if (!isRefused(error)) throw error
    if (piece.length === 1) yield { id: piece[0]!.id, reason: messageOf(error) }
    else for (const found of piece) yield* publishPiece(bus, [found])
  }
}

const markOf = (id: string): EncodedRecord => {
  const [topic = '', ...place] = id.split('/')
  return redrivenMark(topic, place.join('/'))
}

const attemptOf = ({ headers }: EncodedRecord): number => Number(headers[ATTEMPT_HEADER])

const isRefused = (error: unknown): boolean =>
  error instanceof BusError && (error.code === 'too_large' || error.code === 'invalid_event')
