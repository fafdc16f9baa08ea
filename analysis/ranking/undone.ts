/** Releases that a later one took back: what no longer ran at the onset did not cause it. */
import type { Change } from '../observations.ts'
import { releaseOf } from '../release.ts'

/** The changes of which a later release of the same service, before `onset`, brought back the version from before. */
export function undoneBy(onset: number, changes: readonly Change[]): ReadonlySet<Change> {
  const undone = new Set<Change>()
  const broughtBack = new Map<string, Set<string>>()
  const released = changes.flatMap((change) => {
    const release = releaseOf(change)
    return release === null || change.timestamp >= onset ? [] : [{ change, ...release }]
  })
  for (const { change, before, after } of released.sort((a, b) => b.change.timestamp - a.change.timestamp)) {
    const later = broughtBack.get(change.service) ?? new Set()
    if (before !== null && later.has(before)) undone.add(change)
    broughtBack.set(change.service, later.add(after))
  }
  return undone
}
