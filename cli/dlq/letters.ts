import type { Bus, Delivery } from '../../bus/bus.ts'
import { type DeadLetter, isWhole, readDeadLetter } from '../../bus/dead-letter.ts'
import { markedAsRedriven } from '../../bus/redrive-mark.ts'
import type { Contract } from '../../schemas/contract.ts'

/** A dead letter and its position: `id` is `<dead-letter topic>/<partition>/<offset>`. */
export interface FoundLetter {
  id: string
  /** ms since the epoch */
  deadSince: number
  letter: DeadLetter
}

/** A letter without its bytes, as there may be thousands of a megabyte each. */
export interface LetterEntry {
  id: string
  deadSince: number
  /** topic of the original record */
  topic: string
  code: string
  key: string | null
  reason: string
  whole: boolean
  /** it has already been redriven */
  redriven: boolean
}

export interface LetterFilter {
  /** topic of the original records */
  topic?: string
  consumer?: string
  code?: string
  /** ms since the epoch: dead-lettered at or after this time */
  since?: number
  /** ms since the epoch: dead-lettered before this time */
  until?: number
}

const KEY_CHARACTERS = 200

/** Matching letters, oldest first. */
export async function listLetters(bus: Bus, contract: Contract, filter: LetterFilter): Promise<LetterEntry[]> {
  const topics = contract.deadLetterTopics.filter(
    ({ of, consumer }) => (filter.topic ?? of) === of && (filter.consumer ?? consumer) === consumer,
  )
  const found = await Promise.all(topics.map(({ name }) => entriesOf(bus, name)))
  return found
    .flat()
    .filter(({ code }) => (filter.code ?? code) === code)
    .filter(
      ({ deadSince }) => deadSince >= (filter.since ?? 0) && deadSince < (filter.until ?? Number.POSITIVE_INFINITY),
    ) // prettier-ignore
    .sort((a, b) => a.deadSince - b.deadSince)
}

async function entriesOf(bus: Bus, topic: string): Promise<LetterEntry[]> {
  const redriven = new Set<string>()
  const entries: Omit<LetterEntry, 'redriven'>[] = []
  for await (const delivery of bus.browse(topic)) {
    const place = markedAsRedriven(delivery)
    if (place === null) entries.push(entryOf(letterAt(delivery)))
    else redriven.add(`${topic}/${place}`)
  }
  return entries.map((entry) => ({ ...entry, redriven: redriven.has(entry.id) }))
}

const entryOf = ({ id, deadSince, letter }: FoundLetter): Omit<LetterEntry, 'redriven'> => ({
  id,
  deadSince,
  topic: letter.origin.topic,
  code: letter.code,
  key: letter.key?.slice(0, KEY_CHARACTERS) ?? null,
  reason: letter.reason,
  whole: isWhole(letter),
})

/** The letters with these ids, in the order of their topics. */
export async function* readLetters(bus: Bus, contract: Contract, ids: Iterable<string>): AsyncGenerator<FoundLetter> {
  const byTopic = Map.groupBy(ids, (id) => id.split('/')[0] ?? '')
  for (const { name } of contract.deadLetterTopics) {
    const wanted = new Set(byTopic.get(name))
    if (wanted.size === 0) continue
    for await (const delivery of bus.browse(name)) {
      if (!wanted.delete(idOf(delivery))) continue
      if (markedAsRedriven(delivery) === null) yield letterAt(delivery)
      if (wanted.size === 0) break
    }
  }
}

const idOf = ({ origin: { topic, partition, offset } }: Delivery): string => `${topic}/${partition}/${offset}`

const letterAt = (delivery: Delivery): FoundLetter => ({
  id: idOf(delivery),
  deadSince: delivery.origin.timestamp,
  letter: readDeadLetter(delivery),
})
