/** Instants as sources count them: ns since the epoch, which no number holds. */
import { z } from 'zod'

/** As digits, or rounded as a number. More digits would be no instant, and take long to read. */
export const nanoInstant = z.union([z.string().regex(/^\d{1,19}$/), z.number().nonnegative().max(1e19)])

export const toNanoseconds = (ms: number): string => `${BigInt(Math.round(ms * 1000)) * 1000n}`

/** ms with three decimals: a double keeps µs of our time, not ns. */
export const toMs = (nanoseconds: z.output<typeof nanoInstant>): number =>
  Number(BigInt(typeof nanoseconds === 'number' ? Math.round(nanoseconds) : nanoseconds) / 1000n) / 1000
