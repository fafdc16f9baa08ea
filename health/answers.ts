/** Anyone may ask as often as they like, so `ask` runs once at a time, and its result is reused for `ms`. */
export function remembered<T>(ask: () => Promise<T>, ms: number): () => Promise<T> {
  let last: Promise<T> | undefined
  return () => (last ??= ask().finally(() => setTimeout(() => (last = undefined), ms).unref()))
}

const LIMIT_MS = 3000

/** Unreachable is not healthy, and neither is slow. */
export async function answers(probe: () => Promise<boolean>, limitMs = LIMIT_MS): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(() => resolve(false), limitMs)
  probe().then(resolve, () => resolve(false))
  return promise.finally(() => clearTimeout(timer))
}
