/** A service that fails because somebody outside does not answer it: nothing that was measured is the cause, its own lines name it. */
import { isOutside } from '../logs/hosts.ts'
import type { TemplateChange } from '../logs/changes.ts'
import { isTrouble } from './families.ts'
import type { Suspect } from './services.ts'

/** No answer, or one that tells of trouble over there; a call that was refused for what it asked tells of the caller. */
const UNANSWERED = /tim(?:ed|e)[ -]?out|deadline exceeded|connection (?:refused|reset|closed|aborted)|reset by peer|broken pipe|unexpected eof|socket hang up|no route|unreachable|no such host|not resolve|name resolution|name or service not known|enotfound|eai_again|econn|etimedout|ehostunreach|tls|handshake|certificate|x509|unavailable|bad gateway|too many requests|rate.?limit|(?:status|http\S{0,9}|code|:)[ =:"]{1,3}(?:429|5\d\d)\b|\b5\d\d (?:internal|bad|service|gateway)/i // prettier-ignore
/** Fewer lines happen at any time. */
const ENOUGH_LINES = 3
const SHOWN = 3

/** Hosts that do not answer the service, the most told first; empty too where it is busy itself, which lets calls wait as well. */
export function outsideOf({ logs, families }: Suspect, services: ReadonlySet<string>): string[] {
  const [strongest] = [...families].toSorted(([, a], [, b]) => b - a)[0] ?? []
  if (strongest === 'saturation' || strongest === 'absent') return []
  const failing = logs.slice(0, SHOWN).filter((one) => isTrouble(one) && one.during >= ENOUGH_LINES)
  return [...new Set(failing.filter(isUnanswered).flatMap(({ hosts }) => hosts?.find((host) => isOutside(host, services)) ?? []))] // prettier-ignore
}

const isUnanswered = ({ example }: TemplateChange): boolean => UNANSWERED.test(example)
