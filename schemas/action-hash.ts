/** The action hash, which a decision refers to. */
import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'
import type { Action } from './events.generated.ts'

/** SHA-256, lower-case hex, over the canonical JSON (RFC 8785) of the action's contract fields; anything else on the object does not count. */
export function actionHash(action: Action): string {
  const { type, service, namespace, parameters, target_state } = action
  const canonical = canonicalize({ type, service, namespace, parameters, target_state })
  if (canonical === undefined) throw new TypeError('an action must be plain JSON')
  return createHash('sha256').update(canonical, 'utf8').digest('hex')
}
