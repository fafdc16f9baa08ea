/** Extracts the called hosts from log lines. A host counts only if nearly all lines of a template name it. */
import ipaddr from 'ipaddr.js'

/** Characters of a line that are examined. */
const LOOKED_AT = 2_000
/** Stands for `->`, whose characters are separators. */
const TO = '→'
const SEPARATORS = /[\s"'`()<>{}[\],;|=\\]+/
/** URL schemes without a host. */
const NO_HOST = /^(?:file|webpack|webpack-internal|node|data|blob|s3|gs|urn|arn|jar|classpath|ext|native|app):/
const NAME = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/i
const SOURCE = /\.(?:java|kt|scala|go|py|[cm]?[jt]sx?|rb|cs|rs|c|cc|cpp|h|php|html?|json|ya?ml|xml|log|conf|txt)$/i
/** A bare name after one of these words is a host; after one of `TOWARDS`, only if it has an internet domain. */
const CALLED = /^(?:lookup|resolve|resolving|host|hostname|rhost|enotfound|eai_again|econnrefused|econnreset|etimedout|ehostunreach|server\.address|net\.peer\.name|peer|upstream|upstream_host|endpoint|target|address|addr|remote|tcp|dialing):?$/i // prettier-ignore
const TOWARDS = /^(?:to|from|for|with|at|by|calling|reaching|contacting|connecting|api|url|domain|provider|out:)$/i
const INTERNET =
  /\.(?:com|net|org|io|dev|app|cloud|co|ai|info|biz|gov|edu|eu|us|uk|de|fr|nl|jp|tw|cn|sg|kr|in|au|ca|example|test)$/
/** Words before the caller's own address, or before the service itself. */
const CALLERS = /^(?:client|serving|server|remote_addr|remote_ip|forwarded|x-forwarded-for|referr?er|origin|on):?$/i
/** Ports from here on are ephemeral ports of callers. */
const EPHEMERAL = 32_768
/** Minimum share of lines that name the host. */
const SHARE = 0.9

/** Called hosts in order of appearance; empty: no host is named by nearly all lines. */
export function hostsIn(messages: readonly string[]): string[] {
  const counts = new Map<string, number>()
  for (const message of messages) for (const host of calledIn(message)) counts.set(host, (counts.get(host) ?? 0) + 1)
  return [...counts].filter(([, count]) => count >= SHARE * messages.length).map(([host]) => host)
}

function calledIn(message: string): Set<string> {
  const words = said(message).replaceAll('->', ` ${TO} `).split(SEPARATORS)
  return new Set(words.flatMap((word, at) => hostOf(word, words[at - 1] ?? '', words[at + 1] ?? '') ?? []))
}

/** The message without stack frames, which name files. */
const said = (message: string): string =>
  (message.includes('\n') ? message.split('\n').filter((line) => !/^\s/.test(line)).join('\n') : message).slice(0, LOOKED_AT) // prettier-ignore

function hostOf(word: string, before: string, after: string): string | null {
  // `10.0.0.1:5123->203.0.113.9:443` starts with the caller's address
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

/** Whether a host is outside the system's own network, judged by name or address. */
export function isOutside(host: string, services: ReadonlySet<string>): boolean {
  if (ipaddr.isValid(host)) return !OWN_RANGES.has(ipaddr.process(host).range())
  const [first = '', ...rest] = host.split('.')
  return rest.length > 0 && !services.has(first) && !INSIDE.test(host)
}
