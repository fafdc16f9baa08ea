/** Releases that were taken back: what no longer ran at the onset did not cause it, nor did what had run before all of them. */
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

/** The changes that brought back the release a service ran before the first one known. */
export function returnsAmong(changes: readonly Change[]): ReadonlySet<Change> {
  const returns = new Set<Change>()
  const original = new Map<string, string | null>()
  for (const change of changes.toSorted((a, b) => a.timestamp - b.timestamp)) {
    const release = releaseOf(change)
    if (release === null) continue
    if (!original.has(change.service)) original.set(change.service, release.before)
    else if (original.get(change.service) === release.after) returns.add(change)
  }
  return returns
}
