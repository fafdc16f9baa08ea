import { v7 as uuid } from 'uuid'
import { BusError, isOutside, messageOf } from '../bus/bus.ts'
import { within } from '../bus/kafka/within.ts'
import { ApiError, unavailable } from './errors.ts'
import type { Asked, Gateway } from './gateway.ts'
import { away, refusals } from './present/texts.ts'
import { fold } from './views/fold.ts'
import type { ViewEvent } from './views/fold.ts'

/** Common fields of the gateway's events. */
export const stamp = (tenant: string, now: number) => ({ event_id: uuid(), sequence: 0, tenant, occurred_at: now })

/** A missing schema affects every request, so it counts as an outage and not as this request's fault. */
const isAway = (error: unknown): boolean =>
  isOutside(error) || (error instanceof BusError && error.code === 'unknown_schema')

/** Schemas are cached after their first use; until then a request may wait for the registry. */
const ENCODE_MS = 1700
const unavailableBus = (error: unknown): never => {
  throw error instanceof BusError ? error : new BusError('unavailable', messageOf(error), { cause: error })
}

/**
 * Publishes one event and folds it into the views at once, so that it is readable before the response. If only the folding fails, the event is folded
 * later from its topic.
 */
export async function publish(
  { bus, views, log }: Pick<Gateway, 'bus' | 'views' | 'log'>,
  received: ViewEvent,
  { trace, refused }: Pick<Asked<never>, 'trace' | 'refused'>,
): Promise<void> {
  try {
    const encoding = bus.encode(received.event, received.value, trace)
    const record = await within(ENCODE_MS, encoding, 'the schema registry does not answer').catch(unavailableBus)
    refused.throwIfAborted()
    await bus.publish([record])
  } catch (error) {
    if (error instanceof BusError && error.code === 'too_large') throw new ApiError('INVALID_REQUEST', refusals.tooLarge, { status: 413, cause: error }) // prettier-ignore
    throw isAway(error) ? unavailable(away.bus, error) : error
  }
  await fold([received], views).catch((error: unknown) =>
    log.warn({ err: error, event: received.event }, 'published, but not folded at once'),
  )
}
