import { v7 as uuid } from 'uuid'
import { BusError, isOutside } from '../bus/bus.ts'
import { unavailable } from './errors.ts'
import type { Gateway } from './gateway.ts'
import { away } from './present/texts.ts'
import { fold } from './views/fold.ts'
import type { ViewEvent } from './views/fold.ts'

/** What every event of the gateway begins with. */
export const stamp = (tenant: string, now: number) => ({ event_id: uuid(), sequence: 0, tenant, occurred_at: now })

/** A schema that is not registered is missed by every request alike: it is no fault of this one. */
const isAway = (error: unknown): boolean =>
  isOutside(error) || (error instanceof BusError && error.code === 'unknown_schema')

/**
 * Publishes one event and folds it at once, so that what was accepted is readable before the answer. Should only the folding fail, the
 * event stands: it will be folded from its topic.
 */
export async function publish(
  { bus, views, log }: Pick<Gateway, 'bus' | 'views' | 'log'>,
  received: ViewEvent,
  trace: Readonly<Record<string, string>>,
): Promise<void> {
  try {
    await bus.publish([await bus.encode(received.event, received.value, trace)])
  } catch (error) {
    throw isAway(error) ? unavailable(away.bus, error) : error
  }
  await fold([received], views).catch((error: unknown) =>
    log.warn({ err: error, event: received.event }, 'published, but not folded at once'),
  )
}
