/** What people change in a postmortem: its state, its texts and its action items, never what was computed. */
import type { PostmortemRevised, RevisedActionItem } from '../schemas/events.generated.ts'
import { type ActionItem, actionItemSchema, type Report } from './report.ts'
import { blameless } from './wording.ts'

export const DOCUMENT_STATES = ['draft', 'reviewed', 'published'] as const
export type DocumentState = (typeof DOCUMENT_STATES)[number]

/** Which state may follow which. Anything may become a draft again. */
const FOLLOWS: Readonly<Record<DocumentState, DocumentState | null>> = { draft: null, reviewed: 'draft', published: 'reviewed' } // prettier-ignore

export const isDocumentState = (state: string): state is DocumentState =>
  (DOCUMENT_STATES as readonly string[]).includes(state)

export const mayFollow = (before: string, next: DocumentState): boolean =>
  next === 'draft' || next === before || FOLLOWS[next] === before

type Edit = Pick<PostmortemRevised, 'edit' | 'report_revision' | 'occurred_at' | 'role' | 'changed' | 'state'>

/** One edit, as a reader sees it. */
export interface RevisionSeen {
  /** of the document: that of the report, plus one per edit */
  revision: number
  /** ms since the epoch */
  at: number
  role: string
  changed: readonly string[]
  state: string
  /** false: another edit with the same number came before it */
  counts: boolean
}

/** Of edits with the same number, the first. */
export const counting = <E extends Pick<PostmortemRevised, 'edit'>>(edits: readonly E[]): E[] =>
  edits.filter(({ edit }, place) => edits.findIndex((one) => one.edit === edit) === place)

/** `edits` in order. */
export const revisionsSeen = (edits: readonly Edit[]): RevisionSeen[] => {
  const counts = new Set(counting(edits))
  return edits.map((one) => ({
    ...{ revision: revisionOf(one), at: one.occurred_at, role: one.role, changed: one.changed, state: one.state },
    counts: counts.has(one),
  }))
}

export const revisionOf = ({ report_revision, edit }: Pick<PostmortemRevised, 'report_revision' | 'edit'>): number =>
  report_revision + edit

/** The items of the report as people left them, then those they added. */
export function itemsWith(items: readonly ActionItem[], edited: readonly RevisedActionItem[]): ActionItem[] {
  const kept = keptItems(items, edited)
  const left = new Map(kept.map((one) => [one.id, one]))
  const known = items.map((item) => {
    const { priority, owner, state } = left.get(item.id) ?? item
    return { ...item, priority, owner, state }
  })
  const taken = new Set(items.map(({ id }) => id))
  return [...known, ...kept.filter(({ id }) => !taken.has(id))]
}

/** What people changed or added, by the ids that are shown: a later report may give the id of one to another item. */
export function keptItems(items: readonly ActionItem[], edited: readonly RevisedActionItem[]): ActionItem[] {
  // anyone could have published the event
  const own = edited.flatMap((one) => actionItemSchema.safeParse(one).data ?? [])
  const now = new Map(items.map((one) => [one.id, one]))
  const taken = new Set([...items, ...own].map(({ id }) => id))
  return own.map((one) => {
    const item = now.get(one.id)
    if (item === undefined || item.text.en === one.text.en) return one
    let id = `${one.id} (before)`
    for (let count = 2; taken.has(id); count += 1) id = `${one.id} (before ${count})`
    taken.add(id)
    return { ...one, id }
  })
}

/** The report with the action items as people left them. */
export const reportWith = (report: Report, edited: Pick<PostmortemRevised, 'action_items'> | null): Report =>
  edited === null ? report : { ...report, action_items: itemsWith(report.action_items, edited.action_items) }

export interface Warning {
  /** of the request */
  field: string
  rule: 'person' | 'blame'
  words: string
}

/** Where a text names or blames somebody. It is a list, so its writer decides. */
export const warningsAbout = (texts: readonly { field: string; text: string }[]): Warning[] =>
  texts.flatMap(({ field, text }) =>
    blameless(text, 'en', null).found.map(({ rule, words }) => ({ field, rule, words: words ?? '' })),
  )
