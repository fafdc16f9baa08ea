/** External causes: a service that fails because an external host does not answer. No metric shows it, but its log lines name the host. */
import { isOutside } from '../logs/hosts.ts'
import type { TemplateChange } from '../logs/changes.ts'
import { isTrouble } from './families.ts'
import type { Suspect } from './services.ts'

/** No answer, or a server-side error; client errors (4xx other than 429) are the caller's fault. */
const UNANSWERED = /tim(?:ed|e)[ -]?out|deadline exceeded|connection (?:refused|reset|closed|aborted)|reset by peer|broken pipe|unexpected eof|socket hang up|no route|unreachable|no such host|not resolve|name resolution|name or service not known|enotfound|eai_again|econn|etimedout|ehostunreach|tls|handshake|certificate|x509|unavailable|bad gateway|too many requests|rate.?limit|(?:status|http\S{0,9}|code|:)[ =:"]{1,3}(?:429|5\d\d)\b|\b5\d\d (?:internal|bad|service|gateway)/i // prettier-ignore
/** Minimum number of lines; a few are normal. */
const ENOUGH_LINES = 3
const SHOWN = 3

/** External hosts that do not answer the service, strongest evidence first. Empty if the service itself is saturated or gone, as calls time out then too. */
export function outsideOf({ logs, families }: Suspect, services: ReadonlySet<string>): string[] {
  const [strongest] = [...families].toSorted(([, a], [, b]) => b - a)[0] ?? []
  if (strongest === 'saturation' || strongest === 'absent') return []
  const failing = logs.slice(0, SHOWN).filter((one) => isTrouble(one) && one.during >= ENOUGH_LINES)
  return [...new Set(failing.filter(isUnanswered).flatMap(({ hosts }) => hosts?.find((host) => isOutside(host, services)) ?? []))] // prettier-ignore
}

const isUnanswered = ({ example }: TemplateChange): boolean => UNANSWERED.test(example)
