/** Whom log lines say was called. In a template a host is one value among others; where all lines have the same one, it is what they are about. */
import ipaddr from 'ipaddr.js'

/** Characters of a line that are looked at. */
const LOOKED_AT = 2_000
/** An arrow, which is no separator as its two signs are. */
const TO = '→'
const SEPARATORS = /[\s"'`()<>{}[\],;|=\\]+/
/** A schema and what it holds: no host. */
const NO_HOST = /^(?:file|webpack|webpack-internal|node|data|blob|s3|gs|urn|arn|jar|classpath|ext|native|app):/
const NAME = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/i
const SOURCE = /\.(?:java|kt|scala|go|py|[cm]?[jt]sx?|rb|cs|rs|c|cc|cpp|h|php|html?|json|ya?ml|xml|log|conf|txt)$/i
/** A bare name is a host behind one of these words; behind one of the others, if it ends as those of the internet mostly do. */
const CALLED = /^(?:lookup|resolve|resolving|host|hostname|rhost|enotfound|eai_again|econnrefused|econnreset|etimedout|ehostunreach|server\.address|net\.peer\.name|peer|upstream|upstream_host|endpoint|target|address|addr|remote|tcp|dialing):?$/i // prettier-ignore
const TOWARDS = /^(?:to|from|for|with|at|by|calling|reaching|contacting|connecting|api|url|domain|provider|out:)$/i
const INTERNET =
  /\.(?:com|net|org|io|dev|app|cloud|co|ai|info|biz|gov|edu|eu|us|uk|de|fr|nl|jp|tw|cn|sg|kr|in|au|ca|example|test)$/
/** Who called, or was called by users. */
const CALLERS = /^(?:client|serving|server|remote_addr|remote_ip|forwarded|x-forwarded-for|referr?er|origin|on):?$/i
/** From here on ports are lent to callers. */
const EPHEMERAL = 32_768
/** Nearly all. */
const SHARE = 0.9

/** In the order they stand there; empty: the lines tell of none, or each of another. */
export function hostsIn(messages: readonly string[]): string[] {
  const counts = new Map<string, number>()
  for (const message of messages) for (const host of calledIn(message)) counts.set(host, (counts.get(host) ?? 0) + 1)
  return [...counts].filter(([, count]) => count >= SHARE * messages.length).map(([host]) => host)
}

function calledIn(message: string): Set<string> {
  const words = said(message).replaceAll('->', ` ${TO} `).split(SEPARATORS)
  return new Set(words.flatMap((word, at) => hostOf(word, words[at - 1] ?? '', words[at + 1] ?? '') ?? []))
}

/** Frames of a stack name files. */
const said = (message: string): string =>
  (message.includes('\n') ? message.split('\n').filter((line) => !/^\s/.test(line)).join('\n') : message).slice(0, LOOKED_AT) // prettier-ignore

function hostOf(word: string, before: string, after: string): string | null {
  // `10.0.0.1:5123->203.0.113.9:443` begins with where it was called from
  if (CALLERS.test(before) || after === TO || NO_HOST.test(word)) return null
  const scheme = word.indexOf('://')
  const authority = (scheme < 0 ? word : word.slice(scheme + 3)).split(/[/?#]/).find((one) => one !== '') ?? ''
  const [, name = '', port] =
    /^([^:]*)(?::(\d{1,5}))?:?\.?$/.exec(authority.slice(authority.lastIndexOf('@') + 1)) ?? []
  const host = (ipaddr.IPv6.isValid(word) ? word : name).toLowerCase()
  const isAddress = ipaddr.IPv6.isValid(host) || ipaddr.IPv4.isValidFourPartDecimal(host)
  if (Number(port ?? 0) >= EPHEMERAL || (isAddress && scheme < 0 && /^from:?$/i.test(before))) return null
  if (!isAddress && (!NAME.test(host) || SOURCE.test(host))) return null
  if (scheme >= 0) return host
  if (!isAddress && (!host.includes('.') || !/[a-z]$/.test(host) || name !== host)) return null
  // Java writes an address it resolved as `name/address:port`
  const isResolved = ipaddr.IPv4.isValidFourPartDecimal(word.slice(name.length + 1).split(':')[0] ?? '')
  return port !== undefined || isResolved || CALLED.test(before) || (TOWARDS.test(before) && INTERNET.test(host))
    ? host
    : null
}

const INSIDE = /(?:^|\.)(?:svc|cluster|local|localhost|localdomain|internal|intranet|lan|corp|home|consul|docker)$/
const OWN_RANGES = new Set(['private', 'loopback', 'linkLocal', 'uniqueLocal', 'carrierGradeNat', 'unspecified', 'broadcast', 'multicast']) // prettier-ignore

/** Reached over a network that is not the system's own, as far as its name or address tells. */
export function isOutside(host: string, services: ReadonlySet<string>): boolean {
  if (ipaddr.isValid(host)) return !OWN_RANGES.has(ipaddr.process(host).range())
  const [first = '', ...rest] = host.split('.')
  return rest.length > 0 && !services.has(first) && !INSIDE.test(host)
}
