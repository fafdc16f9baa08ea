/** The releases of the first cause that a rollback goes back before. */
import { percentOf } from '../../analysis/ranking/confidence.ts'
import { LIKELY } from '../../analysis/ranking/change-shares.ts'
import { imageTag } from '../../analysis/release.ts'
import type { ChangeSuspect, RootCause, Text, Verdict } from '../../analysis/verdict.ts'
import type { AuditLogItem } from '../tools/tools.ts'

/** Less likely releases are not gone back before: they are probably innocent. */
const SUSPECT = 0.1

export interface SuspectRelease {
  release: AuditLogItem
  probability: number
}

/** The changes of a service that may have caused the incident. */
export const suspectChanges = ({ service }: RootCause, { suspectedChanges }: Verdict): readonly ChangeSuspect[] =>
  (suspectedChanges?.suspects ?? []).filter((one) => one.service === service && one.probability >= SUSPECT)

/** Those that are releases, earliest first. */
export const suspectReleases = (cause: RootCause, verdict: Verdict, audit: readonly AuditLogItem[]): SuspectRelease[] =>
  suspectChanges(cause, verdict)
    .flatMap(({ changeId, probability }): SuspectRelease[] => {
      const release = audit.find(({ id, event_type }) => id === changeId && event_type === 'DEPLOYMENT')
      return release === undefined ? [] : [{ release, probability }]
    })
    .sort((a, b) => a.release.timestamp - b.release.timestamp)

/** More likely than not, one of them did it: undoing all of them removes it. */
export const isLikelyAmong = (suspects: readonly { probability: number }[]): boolean =>
  suspects.reduce((sum, { probability }) => sum + probability, 0) > LIKELY

/** Why a rollback, and why this far. */
export function rollbackText(service: string, suspects: readonly SuspectRelease[]): Text {
  const named = suspects.map(({ release, probability }) => ({
    tag: imageTag(release.changes?.after) ?? release.summary,
    percent: percentOf(probability),
  }))
  const [first] = named
  if (first === undefined || named.length === 1)
    return {
      en: `This release caused it with a probability of ${first?.percent} %.`,
      zh: `此版本造成異常的機率為 ${first?.percent} %。`,
    }
  return {
    en: `${named.length} releases of ${service} are suspect: ${named.map(({ tag, percent }) => `${tag} (${percent} %)`).join(', ')}. The rollback goes back before all of them.`,
    zh: `${service} 有 ${named.length} 個可疑版本：${named.map(({ tag, percent }) => `${tag}（${percent} %）`).join('、')}。將退版至這些版本之前的版本。`,
  }
}
