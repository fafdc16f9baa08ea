/** Limits on open event streams: per gateway, per tenant and per caller. */
import type { Caller } from './auth/caller.ts'
import { ApiError } from './errors.ts'
import { refusals } from './present/texts.ts'

export interface StreamLimits {
  /** event streams open at once */
  streams: number
  streamsPerTenant: number
  /** a caller is a subject with a client: the same person in another client counts separately */
  streamsPerCaller: number
}

export interface StreamPlaces {
  /** number of open streams */
  size(): number
  /** Takes a place and returns an idempotent function that frees it. Throws `ApiError`: 429 if the caller or tenant has too many, 503 if the gateway has. */
  take(caller: Pick<Caller, 'id' | 'clientId' | 'tenant'>): () => void
}

const retry = { headers: { 'retry-after': '5' } }

export function createStreamPlaces({ streams, streamsPerTenant, streamsPerCaller }: StreamLimits): StreamPlaces {
  const taken = new Map<string, number>()
  const of = (key: string): number => taken.get(key) ?? 0
  const add = (key: string, count: number): unknown =>
    of(key) + count === 0 ? taken.delete(key) : taken.set(key, of(key) + count)
  return {
    size: () => of(all),
    take({ id, clientId, tenant }) {
      const owners = [all, JSON.stringify([tenant]), JSON.stringify([tenant, id, clientId])] as const
      if (of(owners[2]) >= streamsPerCaller) throw limited(refusals.yourStreams(streamsPerCaller))
      if (of(owners[1]) >= streamsPerTenant) throw limited(refusals.tenantStreams(streamsPerTenant))
      if (of(all) >= streams) throw new ApiError('SYSTEM_OVERLOADED', refusals.tooManyStreams, retry)
      for (const owner of owners) add(owner, 1)
      let held = true
      return () => {
        if (held) for (const owner of owners) add(owner, -1)
        held = false
      }
    },
  }
}

const all = ''

const limited = (texts: ApiError['texts']): ApiError => new ApiError('RATE_LIMITED', texts, retry)
