/** Timestamps in ns since the epoch, which exceed the precision of a number. */
import { z } from 'zod'

/** Decimal digits, or a rounded number. Longer digit strings are not timestamps and would be slow to parse. */
export const nanoInstant = z.union([z.string().regex(/^\d{1,19}$/), z.number().nonnegative().max(1e19)])

export const toNanoseconds = (ms: number): string => `${BigInt(Math.round(ms * 1000)) * 1000n}`

/** ms with three decimals: a double holds today's time to the µs, not to the ns. */
export const toMs = (nanoseconds: z.output<typeof nanoInstant>): number =>
  Number(BigInt(typeof nanoseconds === 'number' ? Math.round(nanoseconds) : nanoseconds) / 1000n) / 1000
