/** Validates lists from outside item by item, and stops at the first invalid one of possibly a million. */
import { z } from 'zod'

/** Like `z.array`, but stops at the first invalid item: a million issues would take more memory than the items. */
export const items = <T extends z.ZodType>(item: T) =>
  z.array(z.unknown()).transform((given, context): z.output<T>[] => {
    const taken: z.output<T>[] = []
    for (const [at, one] of given.entries()) {
      const result = item.safeParse(one)
      if (!result.success) return refused(result.error, at, context)
      taken.push(result.data)
    }
    return taken
  })

/** The same for `z.record` with string keys. `__proto__` is an ordinary key. */
export const entries = <T extends z.ZodType>(value: T) =>
  z.custom<object>(isObject, 'Invalid input: expected record').transform((given, context) => {
    const taken: [string, z.output<T>][] = []
    for (const [key, one] of Object.entries(given)) {
      const result = value.safeParse(one)
      if (!result.success) return refused(result.error, key, context)
      taken.push([key, result.data])
    }
    return Object.fromEntries(taken) as Record<string, z.output<T>>
  })

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value)

function refused({ issues }: z.ZodError, at: PropertyKey, context: z.RefinementCtx): never {
  for (const issue of issues) context.issues.push({ ...issue, input: undefined, path: [at, ...issue.path] } as never)
  return z.NEVER
}
