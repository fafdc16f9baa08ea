/** Keeps the lines of different sessions apart: while one has the screen, the events of the others wait. */
import type { Received } from '../../bus/bus.ts'

export interface Turns {
  hear(received: Received): void
  /** holds back the events of all other sessions */
  only(sessionId: string): void
  /** shows what was held back, and everything from now on */
  all(): void
}

export function inTurns(tell: (received: Received) => void): Turns {
  let session: string | null = null
  let waiting: Received[] = []
  return {
    hear(received) {
      const isOthers = session !== null && !('session_id' in received.value && received.value.session_id === session)
      if (isOthers) waiting.push(received)
      else tell(received)
    },
    only(sessionId) {
      session = sessionId
    },
    all() {
      session = null
      const held = waiting
      waiting = []
      held.forEach(tell)
    },
  }
}
