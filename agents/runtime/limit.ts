/** A limit on time that ends with the work it limits. `AbortSignal.timeout` would keep its listeners in memory until the time is up. */
export interface Limit {
  signal: AbortSignal
  /** the work has ended: nothing is aborted any more, and nothing kept */
  stop(): void
}

const LONGEST_MS = 2 ** 31 - 1

/** `remainingMs` may be infinite; without any time left, the signal is aborted from the start. */
export function limitOf(remainingMs: number): Limit {
  const controller = new AbortController()
  if (remainingMs <= 0) controller.abort(new Error('the active time of this run is used up'))
  if (remainingMs <= 0 || !Number.isFinite(remainingMs)) return { signal: controller.signal, stop: () => undefined }
  const timer = setTimeout(
    () => controller.abort(new DOMException('The active time of this run is used up', 'TimeoutError')),
    Math.min(Math.ceil(remainingMs), LONGEST_MS),
  )
  timer.unref()
  return { signal: controller.signal, stop: () => clearTimeout(timer) }
}
