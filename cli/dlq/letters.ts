import type { Bus, Delivery } from '../../bus/bus.ts'
import { type DeadLetter, readDeadLetter } from '../../bus/dead-letter.ts'
import type { Contract } from '../../schemas/contract.ts'

/** A dead letter and where it lies: `id` is `<dead-letter topic>/<partition>/<offset>`. */
export interface FoundLetter {
  id: string
  /** ms since the epoch */
  deadSince: number
  letter: DeadLetter
}

export interface LetterFilter {
  /** topic the records were on */
  topic?: string
  consumer?: string
}

export async function findLetters(bus: Bus, contract: Contract, filter: LetterFilter): Promise<FoundLetter[]> {
  const topics = contract.deadLetterTopics.filter(
    ({ of, consumer }) => (filter.topic ?? of) === of && (filter.consumer ?? consumer) === consumer,
  )
  const found = await Promise.all(topics.map(({ name }) => Array.fromAsync(bus.browse(name), letterAt)))
  return found.flat().sort((a, b) => a.deadSince - b.deadSince)
}

/** Null: there is none with this id. */
export async function findLetter(bus: Bus, contract: Contract, id: string): Promise<FoundLetter | null> {
  const [name] = id.split('/')
  const topic = contract.deadLetterTopics.find((one) => one.name === name)
  if (topic === undefined) return null
  for await (const delivery of bus.browse(topic.name)) {
    const found = letterAt(delivery)
    if (found.id === id) return found
  }
  return null
}

const letterAt = (delivery: Delivery): FoundLetter => ({
  id: `${delivery.origin.topic}/${delivery.origin.partition}/${delivery.origin.offset}`,
  deadSince: delivery.origin.timestamp,
  letter: readDeadLetter(delivery),
})
