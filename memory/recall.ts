/** What the memory has on an incident: earlier ones like it, and sections about its service. */
import type { Embedder } from './embedding.ts'
import { COLLECTIONS, type CollectionName, type Found, type PastIncident } from './entry.ts'
import { likeness, type Seen } from './incident.ts'
import { search } from './search.ts'
import { openStore } from './store.ts'

const MOST_INCIDENTS = 3
const MOST_SECTIONS = 3
const CANDIDATES = 30
const MOST_CHARACTERS = 500
const MOST_TEMPLATES = 5

export interface Recalling extends Seen {
  sessionId: string
  /** what the analysis says about the first cause */
  cause: string
}

export interface Recalled {
  /** most alike first */
  incidents: { time: number | null; incident: PastIncident }[]
  /** of runbooks and postmortems that name the service, best first */
  sections: Pick<Found, 'id' | 'collection' | 'source' | 'headings' | 'text'>[]
}

export interface Place {
  url: string
  embedder: Embedder
}

/** Throws a `MemoryError` or `EmbeddingError`. */
export async function recall(
  { url, embedder }: Place,
  tenant: string,
  what: Recalling,
  signal: AbortSignal,
): Promise<Recalled> {
  const opened = COLLECTIONS.map(async (name) => [name, await openStore(url, tenant, name, embedder, signal)] as const)
  const stores = new Map(await Promise.all(opened))
  const only = (...names: CollectionName[]) => new Map([...stores].filter(([name]) => names.includes(name)))
  const text = wordsOf(what)
  const { service } = what
  const [past, written] = await Promise.all([
    search(only('incident_history'), { text, service, limit: CANDIDATES }),
    search(only('runbook_library', 'postmortem_archive'), { text, names: [service], limit: CANDIDATES }),
  ])
  const incidents = past
    .flatMap(({ time, incident }) => (incident === undefined ? [] : [{ time, incident }]))
    .filter(({ incident }) => incident.session_id !== what.sessionId && likeness(what, incident) > 0)
    .sort((a, b) => likeness(what, b.incident) - likeness(what, a.incident) || (b.time ?? 0) - (a.time ?? 0))
  return {
    incidents: incidents.slice(0, MOST_INCIDENTS),
    sections: written
      .filter((one) => isAbout(service, one))
      .slice(0, MOST_SECTIONS)
      .map(shortened),
  }
}

/** The question in words; also what is told of it as evidence. */
export const wordsOf = ({ service, indicator, change, cause, templates }: Recalling): string =>
  [service, indicator, change, cause, ...templates.slice(0, MOST_TEMPLATES)].filter((one) => one !== null).join('\n')

/** A search always finds something nearest: what does not name the service would be noise. */
const isAbout = (service: string, { services, headings, text }: Found): boolean =>
  services.includes(service) || [...headings, text].some((part) => named(service, part))

function named(service: string, text: string): boolean {
  for (let at = text.indexOf(service); at !== -1; at = text.indexOf(service, at + 1))
    if (![text[at - 1], text[at + service.length]].some((next) => next !== undefined && /[a-zA-Z0-9_-]/.test(next))) return true // prettier-ignore
  return false
}

const shortened = ({ id, collection, source, headings, text }: Found): Recalled['sections'][number] => ({
  ...{ id, collection, source, headings },
  text: text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS).toWellFormed()} … (cut)`,
})
