/** What the client or the brokers say, and what to do about it where they leave that open. */
import { messageOf } from '../bus.ts'

export function inWords(error: unknown): string {
  const message = messageOf(error)
  const hint = HINTS.find(([pattern]) => pattern.test(message))?.[1]
  return hint === undefined ? message : `${message} (${hint})`
}

const HINTS: readonly (readonly [RegExp, string])[] = [
  [
    /group coordinator/i,
    'the client says this too where its principal may not read in the group: sre topics apply --acls',
  ],
  [/not authorized|authorization failed/i, 'the principal lacks an ACL: sre topics apply --acls'],
]
