/** `PATCH /postmortems/{id}`: people complete a postmortem. Two at once: the second gets a conflict, and its text stays with its writer. */
import {
  counting,
  isDocumentState,
  itemsWith,
  keptItems,
  mayFollow,
  revisionOf,
  type DocumentState,
  warningsAbout,
} from '../../postmortem/edits.ts'
import type { ActionItem, Report } from '../../postmortem/report.ts'
import type { PostmortemRevised } from '../../schemas/events.generated.ts'
import type { ActionItemChange, PostmortemRevision } from '../api.generated.ts'
import { type Caller, roleOf } from '../auth/caller.ts'
import { ApiError, conflict, type Detail, forbidden, notFound } from '../errors.ts'
import type { Gateway, Handler } from '../gateway.ts'
import { publishOnce } from '../idempotency/keys.ts'
import { presentPostmortem } from '../present/postmortem.ts'
import { revising as texts, refusals } from '../present/texts.ts'
import { publish, stamp } from '../publish.ts'
import { withLock } from '../views/lock.ts'
import { MOST_EDITS } from '../views/postmortem-edits.ts'
import { findPostmortem, type PostmortemRow } from '../views/postmortems.ts'
import { reportOf } from './postmortems.ts'

export const revisePostmortem =
  (gateway: Gateway): Handler<'revisePostmortem'> =>
  async ({ params, body, headers, language, request, ...asked }, caller) => {
    if (caller.kind !== 'person') throw forbidden(texts.notAPerson)
    const { postmortem_id } = params
    const keyed = {
      caller,
      key: headers['idempotency-key'],
      request: { path: request.routeOptions.url, postmortem_id, body },
    }
    const find = () => findPostmortem(gateway.pool, caller.tenant, postmortem_id)
    const row = await withLock(gateway.locks, `postmortem ${postmortem_id.toLowerCase()}`, async () => {
      const before = await find()
      await publishOnce(gateway.pool, keyed, {
        prepare: async () => ({
          event: 'PostmortemRevised' as const,
          value: revised(before, body, caller, gateway.now()),
        }),
        publish: async (received) => {
          demandLatest(before, received.value)
          await publish(gateway, received, asked)
        },
      })
      return find()
    })
    if (row === null) throw notFound('postmortem')
    const warnings = warningsAbout(writtenIn(body)).map(({ field, rule, words }) => ({
      ...{ field, code: rule, message: texts.warning(rule, words)[language] },
    }))
    return { status: 200, body: { postmortem: presentPostmortem(row, language), warnings } }
  }

/** The event, or a refusal. */
function revised(row: PostmortemRow | null, body: PostmortemRevision, caller: Caller, now: number): PostmortemRevised {
  if (row === null) throw notFound('postmortem')
  const report = reportOf(row)
  const edit = (row.latest?.edit ?? 0) + 1
  const report_revision = row.result?.revision ?? 1
  const current = revisionOf({ report_revision, edit: edit - 1 })
  if (body.revision !== current) throw overtaken(body.revision, current, row.edits)
  if (edit > MOST_EDITS) throw conflict(texts.tooMany(MOST_EDITS))
  const left = row.latest ?? EMPTY
  const before = { ...left, action_items: keptItems(report.action_items, left.action_items) }
  const written = {
    summary: summaryWith(before.summary, body.summary),
    notes: body.notes === undefined ? before.notes : body.notes,
    impact_notes: body.impact_notes === undefined ? before.impact_notes : body.impact_notes,
    action_items: actionItems(report, before.action_items, body.action_items ?? []),
  }
  const same = (name: keyof typeof written) => JSON.stringify(written[name]) === JSON.stringify(before[name])
  const content = (['summary', 'notes', 'impact_notes', 'action_items'] as const).filter((name) => !same(name))
  const isRewritten = content.some((name) => name !== 'action_items')
  const state = body.state ?? (isRewritten ? 'draft' : stateOf(before))
  const changed = [...content, ...(state === before.state ? [] : ['state'])]
  if (changed.length === 0) throw invalid([{ field: 'body', message: texts.nothing }])
  if (state !== before.state || isRewritten) demandMay(row, state, before, isRewritten, caller)
  return {
    ...{ ...stamp(caller.tenant, now), session_id: null, postmortem_id: row.postmortem_id, edit, report_revision },
    ...{ revised_by: caller.id, role: roleOf(caller), changed, state, ...written },
  }
}

/** A change that was prepared when the bus was away would come before one that was made since: the earlier of two with one number counts. */
function demandLatest(row: PostmortemRow | null, change: PostmortemRevised): void {
  if (row === null) throw notFound('postmortem')
  if (row.edits.some(({ event_id }) => event_id === change.event_id)) return
  const current = revisionOf({ report_revision: row.result?.revision ?? 1, edit: row.latest?.edit ?? 0 })
  const asked = revisionOf(change) - 1
  if (asked !== current) throw overtaken(asked, current, row.edits)
}

const EMPTY: Pick<PostmortemRevised, 'state' | 'summary' | 'notes' | 'impact_notes' | 'action_items'> = {
  ...{ state: 'draft', summary: {}, notes: null, impact_notes: null, action_items: [] },
}

const TEXTS = ['summary', 'notes', 'impact_notes']

const stateOf = ({ state }: { state: string }): DocumentState => (isDocumentState(state) ? state : 'draft')

function demandMay(
  row: PostmortemRow,
  state: DocumentState,
  before: { state: string },
  isRewritten: boolean,
  caller: Caller,
): void {
  // prettier-ignore
  if (!mayFollow(isRewritten ? 'draft' : before.state, state)) throw conflict(texts.notNext(before.state, state))
  if (state !== 'reviewed' || before.state === 'reviewed') return
  const writer = counting(row.edits).findLast(({ changed }) => changed.some((name) => TEXTS.includes(name)))
  if (isRewritten || writer?.revised_by === caller.id) throw forbidden(texts.ownText)
}

function overtaken(asked: number, current: number, edits: PostmortemRow['edits']): ApiError {
  const since = counting(edits).filter((one) => revisionOf(one) > asked)
  return new ApiError('RESOURCE_CONFLICT', texts.overtaken(asked, current), {
    details: since.map((one) => ({
      field: 'body.revision',
      message: texts.since(revisionOf(one), one.role, new Date(one.occurred_at).toISOString(), one.changed),
    })),
  })
}

function summaryWith(before: Readonly<Record<string, string>>, given: PostmortemRevision['summary']) {
  const all = Object.entries({ ...before, ...given }).filter((one): one is [string, string] => typeof one[1] === 'string') // prettier-ignore
  return Object.fromEntries(all.toSorted(([one], [other]) => one.localeCompare(other)))
}

const MOST_ITEMS = 100

function actionItems(
  report: Report,
  before: readonly ActionItem[],
  changes: readonly ActionItemChange[],
): ActionItem[] {
  const wrong: Detail[] = []
  const shown = itemsWith(report.action_items, before)
  const kept = new Map(before.map((one) => [one.id, one]))
  for (const [place, change] of changes.entries()) {
    const field = `body.action_items[${place}]`
    const { id, type, text, ...tracked } = change
    const known = shown.find((one) => one.id === id)
    if (id !== undefined && known === undefined) wrong.push({ field: `${field}.id`, message: texts.noItem(id) })
    else if (known !== undefined && (type !== undefined || text !== undefined))
      wrong.push({ field, message: texts.fixed })
    else if (known !== undefined) kept.set(known.id, { ...known, ...tracked })
    else if (type === undefined || text === undefined) wrong.push({ field, message: texts.incomplete })
    else {
      const item = { ...newItem(nextId(kept), type, text), ...tracked }
      kept.set(item.id, item)
    }
  }
  if (kept.size > MOST_ITEMS) wrong.push({ field: 'body.action_items', message: texts.tooManyItems(MOST_ITEMS) })
  if (wrong.length > 0) throw invalid(wrong)
  return [...kept.values()]
}

const nextId = (kept: ReadonlyMap<string, unknown>): string => {
  const taken = [...kept.keys()].flatMap((id) => /^P-(\d+)$/.exec(id)?.[1] ?? [])
  return `P-${Math.max(0, ...taken.map(Number)) + 1}`
}

const newItem = (id: string, type: ActionItem['type'], text: string): ActionItem => ({
  ...{ id, type, text: { en: text, 'zh-TW': text }, reason: '', priority: 'medium', owner: null, state: 'open' },
})

const invalid = (details: readonly Detail[]): ApiError =>
  new ApiError('VALIDATION_ERROR', refusals.notDescribed('body'), { details })

/** What the request says in a person's words. */
function writtenIn({ summary, notes, impact_notes, action_items = [] }: PostmortemRevision) {
  const given = [
    ...Object.entries(summary ?? {}).map(([language, text]) => ({ field: `body.summary.${language}`, text })),
    { field: 'body.notes', text: notes },
    { field: 'body.impact_notes', text: impact_notes },
    ...action_items.map(({ text }, place) => ({ field: `body.action_items[${place}].text`, text })),
  ]
  return given.flatMap(({ field, text }) => (typeof text === 'string' ? [{ field, text }] : []))
}
