/** The gateway under test, with a session, its evidence and an approval, and valid tokens. */
import type { Bus } from '../../../bus/bus.ts'
import { readDocument } from '../../../gateway/document.ts'
import type { Contract } from '../../../schemas/contract.ts'
import { answerCapacity } from './answering.ts'
import { tellSome } from './records.ts'
import type { Surface } from './target.ts'

/** No rate limits, so that requests reach the handlers. */
export const unlimited = { read: 1e9, write: 1e9, diagnose: 1e9, batch: 1e9 }

export interface Parts {
  url: string
  bus: Bus
  contract: Contract
  signIn(who: string): Promise<string>
}

/** ms a token is reused; the embedded issuer's tokens last 300 s */
const KEPT_MS = 200_000

export async function prepareSurface({
  url,
  bus,
  contract,
  signIn,
}: Parts): Promise<Surface & { close(): Promise<void> }> {
  const known = await tellSome(bus)
  const answering = await answerCapacity(bus, contract)
  return {
    document: readDocument(),
    url,
    known,
    tokenOf: remembered(signIn),
    close: () => answering.stop(),
  }
}

function remembered(signIn: Parts['signIn']): Surface['tokenOf'] {
  const known = new Map<string, { token: Promise<string>; until: number }>()
  return (who) => {
    const last = known.get(who)
    if (last !== undefined && last.until > performance.now()) return last.token
    const token = signIn(who)
    known.set(who, { token, until: performance.now() + KEPT_MS })
    return token
  }
}
