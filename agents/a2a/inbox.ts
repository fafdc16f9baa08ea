/** Collects the parts of answers by call, and hands them out in order, once each. */
import type { A2aResponded } from '../../schemas/events.generated.ts'

interface Box {
  /** parts that were not read yet */
  parts: Map<number, A2aResponded>
  next: number
  /** resolves at the next part */
  arrival: PromiseWithResolvers<void>
}

export interface Inbox {
  /** Answers to calls that nobody waits for, and repeats, are ignored. */
  take(answer: A2aResponded): void
  /** Opens at once: what is published after this call is not missed. Close it in the end. */
  open(callId: string): Answers
}

export interface Answers {
  /** in order, until the last; throws the reason once the signal aborts */
  parts(signal: AbortSignal): AsyncGenerator<A2aResponded, void, undefined>
  close(): void
}

export function createInbox(): Inbox {
  const boxes = new Map<string, Box>()

  async function* read(box: Box, signal: AbortSignal): AsyncGenerator<A2aResponded, void, undefined> {
    for (;;) {
      const answer = box.parts.get(box.next)
      if (answer === undefined) {
        await arrival(box, signal)
        continue
      }
      box.parts.delete(box.next++)
      yield answer
      if (answer.last) return
    }
  }

  return {
    take(answer) {
      const box = boxes.get(answer.call_id)
      if (box === undefined || answer.part < box.next || box.parts.has(answer.part)) return
      box.parts.set(answer.part, answer)
      box.arrival.resolve()
    },
    open(callId) {
      const box: Box = { parts: new Map(), next: 0, arrival: Promise.withResolvers() }
      boxes.set(callId, box)
      return { parts: (signal) => read(box, signal), close: () => void boxes.delete(callId) }
    },
  }
}

async function arrival(box: Box, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const abort = () => reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  try {
    await Promise.race([box.arrival.promise, aborted])
    box.arrival = Promise.withResolvers()
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
