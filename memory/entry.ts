/** What the memory keeps. Only verified outcomes and what people wrote enter it; evaluation and replays never do. */

export const COLLECTIONS = ['incident_history', 'runbook_library', 'postmortem_archive'] as const
export type CollectionName = (typeof COLLECTIONS)[number]

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
}

export interface Found extends Entry {
  collection: CollectionName
  /** 0 to 1, of this search only: how high both rankings placed it */
  score: number
}
