/** A postmortem as a file that people edit: what they may change, as YAML. */
import { Document, parse, visit, YAMLError } from 'yaml'
import { z } from 'zod'
import type { Postmortem, PostmortemRevision } from '../../gateway/api.generated.ts'
import type { Language } from '../../gateway/present/language.ts'
import { actionItemSchema, type ActionItem, type Report } from '../../postmortem/report.ts'
import { DOCUMENT_STATES } from '../../postmortem/edits.ts'
import { isVisible, visible } from '../../schemas/visible.ts'
import { CommandError } from '../login/context.ts'
import { editing as texts } from './texts.ts'

const { type, priority, state } = actionItemSchema.shape
const text = z
  .string()
  .nullish()
  .transform((given) => (given?.trim() ? given.trim() : null))
const file = z.strictObject({
  revision: z.int().min(1),
  state: z.enum(DOCUMENT_STATES).optional(),
  summary: text.optional(),
  notes: text.optional(),
  impact_notes: text.optional(),
  action_items: z
    .array(
      z.strictObject({
        id: z.string().optional(),
        type: type.optional(),
        text: z.string().optional(),
        priority: priority.optional(),
        owner: z.string().nullish(),
        state: state.optional(),
      }),
    )
    .nullish(),
})
export type EditedFile = z.output<typeof file>

const itemsOf = (one: Postmortem): readonly ActionItem[] => (one.report as Report | null)?.action_items ?? []

/** Comments say what each part is. */
export function fileOf(one: Postmortem, language: Language): string {
  const document = new Document({
    revision: one.revision,
    state: one.state,
    summary: one.summary,
    notes: one.edited.notes,
    impact_notes: one.edited.impact_notes,
    action_items: itemsOf(one).map((item) => ({
      ...{ id: item.id, type: item.type, text: item.text[language] },
      ...{ priority: item.priority, owner: item.owner, state: item.state },
    })),
  })
  document.commentBefore = texts.header(visible(one.title ?? ''))[language].replace(/^/gm, ' ')
  // anyone could have published the texts: what a terminal shows escaped is quoted, on one line, so that it is read as it was
  let isQuoted = false
  visit(document, {
    Scalar(_key, node) {
      if (typeof node.value !== 'string' || isVisible(node.value.replaceAll('\n', ''))) return
      node.type = 'QUOTE_DOUBLE'
      isQuoted = true
    },
  })
  return document.toString(isQuoted ? { lineWidth: 0, doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER } : { lineWidth: 100 }) // prettier-ignore
}

/** Throws `CommandError`. */
export function readFile(given: string): EditedFile {
  const read = file.safeParse(parsed(given))
  if (read.success) return read.data
  const details = read.error.issues.map(({ path, message }) => `${path.map(String).join('.') || 'file'}: ${message}`)
  throw new CommandError(texts.notValid, { code: 'INVALID_FILE', details })
}

function parsed(given: string): unknown {
  try {
    return parse(given)
  } catch (error) {
    if (!(error instanceof YAMLError)) throw error
    throw new CommandError(texts.notValid, { code: 'INVALID_FILE', details: [error.message.split('\n')[0] ?? ''] })
  }
}

/** What the file changes in the postmortem. The revision is the file's: the gateway refuses it if it is no longer the latest. */
export function changesIn(edited: EditedFile, one: Postmortem, language: Language): PostmortemRevision {
  const items = (edited.action_items ?? []).flatMap((item) => changeOf(item, itemsOf(one), language))
  // blanks at the ends of a text are not read from the file
  const is = (name: 'state' | 'notes' | 'impact_notes', before: string | null) =>
    edited[name] === undefined || (edited[name] ?? '') === (before ?? '').trim() ? {} : { [name]: edited[name] }
  return {
    revision: edited.revision,
    ...is('state', one.state),
    ...(edited.summary === undefined || edited.summary === (one.summary ?? '').trim()
      ? {}
      : { summary: { [language]: edited.summary } }),
    ...is('notes', one.edited.notes),
    ...is('impact_notes', one.edited.impact_notes),
    ...(items.length === 0 ? {} : { action_items: items }),
  }
}

type Item = NonNullable<EditedFile['action_items']>[number]

function changeOf(
  item: Item,
  known: readonly ActionItem[],
  language: Language,
): NonNullable<PostmortemRevision['action_items']> {
  const before = known.find(({ id }) => id === item.id)
  const given = Object.entries(item).filter(([, value]) => value !== undefined)
  if (before === undefined) return [Object.fromEntries(given)]
  const shown: Readonly<Record<string, unknown>> = { ...before, text: before.text[language] }
  const changed = given.filter(([name, value]) => name !== 'id' && (value ?? null) !== shown[name])
  return changed.length === 0 ? [] : [{ id: before.id, ...Object.fromEntries(changed) }]
}
