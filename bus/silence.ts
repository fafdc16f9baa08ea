/** Detects a consumer that hangs without an error. */

export interface SilenceOptions {
  /** when the consumer last gave a sign of life, ms since the epoch */
  lastSign(): number
  /** whether the database or broker answers: while it is down, silence is expected */
  answers(): Promise<boolean>
  /** ms without a sign after which the consumer counts as dead */
  limitMs: number
}

export interface Silence {
  /** settles when the consumer counts as dead */
  readonly failed: Promise<Error>
  stop(): void
}

/** Consecutive checks that must all find no sign of life; a process that was suspended for a while fails only one of them. */
const LOOKS = 6

export function watchSilence({ lastSign, answers, limitMs }: SilenceOptions): Silence {
  const { promise: failed, resolve } = Promise.withResolvers<Error>()
  let seen = lastSign()
  let quiet = 0
  let timer = setTimeout(look, limitMs / LOOKS).unref()
  let stopped = false

  async function look(): Promise<void> {
    const sign = lastSign()
    quiet = sign === seen && (await answers()) ? quiet + 1 : 0
    seen = sign
    if (quiet >= LOOKS)
      resolve(new Error(`the consumer has shown no sign of life since ${new Date(sign).toISOString()}`)) // prettier-ignore
    else if (!stopped) timer = setTimeout(look, limitMs / LOOKS).unref()
  }
  return {
    failed,
    stop() {
      stopped = true
      clearTimeout(timer)
    },
  }
}
