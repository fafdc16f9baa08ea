/** What the memory keeps. Only verified outcomes and what people wrote enter it; evaluation and replays never do. */
import { z } from 'zod'

export const COLLECTIONS = ['incident_history', 'runbook_library', 'postmortem_archive'] as const
export type CollectionName = (typeof COLLECTIONS)[number]

const text = z.object({ en: z.string(), zh: z.string() })

/** What a diagnosis found that turned out to be right, and what helped. */
export const pastIncident = z.object({
  session_id: z.string(),
  incident_ids: z.array(z.string()),
  /** of the first cause */
  service: z.string(),
  /** canonical name of the indicator that deviated most; null: only a change or log lines pointed to the service */
  indicator: z.string().nullable(),
  /** kind of the change that did it, such as DEPLOYMENT; null: none is known */
  change: z.string().nullable(),
  /** log templates that were new then */
  templates: z.array(z.string()),
  cause: text,
  /** type and service of the action that helped; null: none did, but people said that the diagnosis was right */
  helped: z.object({ type: z.string(), service: z.string() }).nullable(),
})
export type PastIncident = z.infer<typeof pastIncident>

export interface Entry {
  /** of its content and place: the same section ingested again is the same entry */
  id: string
  /** where it comes from: the path of a runbook, the id of an incident or report */
  source: string
  /** headings down to this section, outermost first */
  headings: readonly string[]
  text: string
  services: readonly string[]
  /** ms since the epoch; null: without a time, as a runbook */
  time: number | null
  /** absent: not an incident */
  incident?: PastIncident
}

export interface Found extends Entry {
  collection: CollectionName
  /** 0 to 1, of this search only: how high both rankings placed it */
  score: number
}
