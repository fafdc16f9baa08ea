/** What can be full or spent, told by the name and the unit of an indicator. */
import { directionOf, isBetterWhenHigh, meaningOf, wholeOf } from '../metrics/meaning.ts'
import { setOf, wordsOf } from '../metrics/words.ts'
import type { Identity } from '../watch/watched.ts'

export type Resource =
  'disk' | 'memory' | 'connections' | 'file_handles' | 'queue' | 'quota' | 'certificate' | 'error_budget'

/** How much of a resource is used up, from what is measured. */
export interface Fillable {
  resource: Resource
  /** the value at which nothing is left, in the unit of the indicator */
  limit: number
  /** share of the limit that a value means: 1 is full */
  shareOf(value: number): number
  /** the value that a share means */
  valueOf(share: number): number
}

/** The first that fits. */
const NAMES: readonly (readonly [Resource, ReadonlySet<string>])[] = [
  ['certificate', setOf('cert certificate')],
  ['quota', setOf('quota quotas')],
  ['file_handles', setOf('fd fds descriptor descriptors handle handles')],
  ['memory', setOf('mem memory heap swap')],
  ['connections', setOf('conn connection connections pool')],
  ['queue', setOf('queue queued backlog')],
  ['disk', setOf('disk storage filesystem fs volume inode inodes')],
]
/** With these words, what is measured is how a resource is used, not how much of it: `disk_io_ratio`, `memory_cache_hit_ratio`. */
const USE = setOf('io iops iowait busy wait waiting pressure throttle throttled gc hit hits miss misses read write')
const BUDGET = setOf('budget')
const DAYS = setOf('d day days')
/** A share that counts down, such as an error budget, says so. */
const LEFT = setOf('left remaining available free')
/** Days at which a certificate counts as new. */
const CERTIFICATE_DAYS = 90

/** null: it cannot be full, or its limit is unknown. */
export function fillableOf(identity: Identity): Fillable | null {
  const words = wordsOf(identity.indicator)
  const has = (set: ReadonlySet<string>): boolean => [...words].some((word) => set.has(word))
  const resource = has(BUDGET) && words.has('error') ? 'error_budget' : NAMES.find(([, names]) => has(names))?.[0]
  if (resource === undefined) return null
  if (resource === 'certificate') return DAYS.has(identity.unit ?? '') ? between(resource, CERTIFICATE_DAYS, 0) : null
  const whole = wholeOf(identity)
  if (whole === null) return null
  if (resource !== 'error_budget' && !isAmount(identity, has(USE))) return null
  const isLeft = has(LEFT) || directionOf(identity, 'saturation') < 0
  return isLeft ? between(resource, whole, 0) : between(resource, 0, whole)
}

function isAmount(identity: Identity, isOfUse: boolean): boolean {
  const meaning = meaningOf(identity)
  return !isOfUse && !isBetterWhenHigh(identity) && (meaning === 'saturation' || meaning === 'other')
}

const between = (resource: Resource, empty: number, limit: number): Fillable => ({
  ...{ resource, limit },
  shareOf: (value) => (value - empty) / (limit - empty),
  valueOf: (share) => empty + share * (limit - empty),
})
