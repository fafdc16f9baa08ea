/** What a message in words asks for. Nothing is guessed: a service or a time that is not clear is asked back for (`Unclear`). */
import { distance } from 'fastest-levenshtein'
import type { Pool } from 'pg'
import type { AlertDiagnosticRequest, PostmortemRequest } from '../api.generated.ts'
import { instantOf } from '../instant.ts'
import type { Texts } from '../present/texts.ts'
import { unknownIn } from '../views/postmortems.ts'
import { knownServices } from '../views/tasks.ts'
import { a2aTexts } from './refusal.ts'

interface Place {
  pool: Pool
  tenant: string
  now: number
}

const WORD = /[A-Za-z0-9][\w.:/-]*[\w]|[A-Za-z0-9]/g
const INSTANT = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)/gi
const LAST = /(?:last|past|過去|最近)\s*(\d{1,4})\s*(minutes?|min|hours?|h\b|分鐘|小時)/i
/** a time said in a way that is not read */
const OTHER_TIME =
  /\b\d{1,2}:\d\d\b|\b(?:yesterday|today|tonight|morning|ago|since|last|past)\b|昨天|今天|今早|剛才|之前/i
const POSTMORTEM = /post-?mortem|檢討/i
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const MOST_WORDS = 200
/** as of a name in the API document; each word is compared with every known service */
const LONGEST_WORD = 255
const MOST_NEAR = 5

export const asksForPostmortem = (text: string): boolean => POSTMORTEM.test(text)

/** The services that the tenant's sessions know by name, or a text that is a name alone. */
export async function diagnosisFrom(text: string, place: Place): Promise<AlertDiagnosticRequest | Unclear> {
  const found = rangeIn(text, place.now)
  if (found instanceof Unclear) return found
  const { range, rest } = found
  const words = wordsIn(rest)
  const known = await knownServices(place.pool, place.tenant)
  const named = known.filter((service) => words.some((word) => word.toLowerCase() === service.toLowerCase()))
  const alone = named.length === 0 ? words.filter((word) => word === rest.trim() && !UUID.test(word)) : []
  const [incident] = await incidentsIn(alone, place)
  if (incident !== undefined) return new Unclear(a2aTexts.incidentAlone(incident))
  const affected_services = named.length > 0 ? named : alone
  if (affected_services.length === 0) return new Unclear(a2aTexts.unclearService(nearest(words, known)))
  return { affected_services, ...(range === null ? {} : { time_range: range }) }
}

/** The incidents and sessions that the text names. A word is an incident if the tenant has it, or if it is written as one of those that are named. */
export async function postmortemFrom(text: string, { pool, tenant }: Place): Promise<PostmortemRequest | Unclear> {
  const words = wordsIn(text)
  const sessions = words.filter((word) => UUID.test(word)).map((word) => word.toLowerCase())
  const incidents = words.filter((word) => !UUID.test(word))
  const unknown = await unknownIn(pool, tenant, { incidents, sessions })
  const known = incidents.filter((id) => !unknown.incidents.includes(id))
  // one that the tenant does not have is refused by name, not left out of the report
  const forms = new Set(known.filter((id) => /[a-z]/i.test(id) && /\d/.test(id)).map(formOf))
  const incident_ids = incidents.filter((id) => known.includes(id) || forms.has(formOf(id)))
  if (incident_ids.length + sessions.length === 0) return new Unclear(a2aTexts.unclearReport)
  return {
    ...(incident_ids.length === 0 ? {} : { incident_ids }),
    ...(sessions.length === 0 ? {} : { session_ids: sessions }),
  }
}

/** Those that the tenant has. */
async function incidentsIn(words: readonly string[], { pool, tenant }: Place): Promise<string[]> {
  const unknown = await unknownIn(pool, tenant, { incidents: words, sessions: [] })
  return words.filter((word) => !unknown.incidents.includes(word))
}

/** `INC-7` and `inc-12` are written alike. */
const formOf = (id: string): string => id.toLowerCase().replaceAll(/\d+/g, '0')

/** The texts ask the client back. */
export class Unclear {
  readonly texts: Texts
  constructor(texts: Texts) {
    this.texts = texts
  }
}

const wordsIn = (text: string): string[] =>
  [...new Set(text.match(WORD) ?? [])].filter(({ length }) => length <= LONGEST_WORD).slice(0, MOST_WORDS)

/** The time range and the text without it; null: no time is named, which means now. */
function rangeIn(text: string, now: number): { range: { start: string; end: string } | null; rest: string } | Unclear {
  const instants = (text.match(INSTANT) ?? []).map(instantOf)
  const last = LAST.exec(text)
  const rest = text.replaceAll(INSTANT, ' ').replace(LAST, ' ')
  const [start, end = now, ...more] = last === null ? instants : [now - lengthOf(last), now, ...instants]
  if (start === undefined) {
    if (OTHER_TIME.test(rest)) return new Unclear(a2aTexts.unclearTime)
    return { range: null, rest }
  }
  if (more.length > 0 || Number.isNaN(start) || Number.isNaN(end)) return new Unclear(a2aTexts.unclearTime)
  return { range: { start: new Date(start).toISOString(), end: new Date(end).toISOString() }, rest }
}

const lengthOf = ([, count, unit = '']: RegExpExecArray): number =>
  Number(count) * (/^(?:h|小時)/i.test(unit) ? 3_600_000 : 60_000)

/** The known services nearest to a word of the text, the nearest first. */
function nearest(words: readonly string[], known: readonly string[]): string[] {
  const from = (service: string) => Math.min(...words.map((word) => distance(word.toLowerCase(), service.toLowerCase())), service.length) // prettier-ignore
  return known
    .map((service) => ({ service, far: from(service) }))
    .sort((a, b) => a.far - b.far || a.service.localeCompare(b.service))
    .slice(0, MOST_NEAR)
    .map(({ service }) => service)
}
