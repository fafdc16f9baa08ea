import type { Pool } from 'pg'
import { type Bus, BusError, type Received } from '../../bus/bus.ts'
import type { Contract } from '../../schemas/contract.ts'
import type { EventName } from '../../schemas/events.generated.ts'
import { settled } from './settled.ts'

export interface Published {
  bus: Bus
  contract: Contract
  /** on the same PostgreSQL server as the bus */
  pool: Pool
}

/** All decodable records on an event's topic by now. Consumers may not have read them yet, and may lag more on one topic than on another. */
export async function published<E extends EventName>(
  event: E,
  { bus, contract, pool }: Published,
): Promise<(Received & { event: E })[]> {
  await settled(pool)
  const found: Received[] = []
  for await (const delivery of bus.browse(contract.topicOf(event).name)) {
    try {
      found.push(await bus.decode(delivery))
    } catch (error) {
      if (!(error instanceof BusError) || error.code === 'unavailable') throw error
    }
  }
  return found as (Received & { event: E })[]
}
