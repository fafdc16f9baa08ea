import type { Postmortem, PostmortemSummary } from '../api.generated.ts'
import { reportWith, revisionOf, revisionsSeen } from '../../postmortem/edits.ts'
import { reportSchema } from '../../postmortem/report.ts'
import type { People } from '../../postmortem/render/document.ts'
import type { PostmortemRevised } from '../../schemas/events.generated.ts'
import type { PostmortemListed, PostmortemRow } from '../views/postmortems.ts'
import { inLanguage, type Language, timeOf, timeOrNull } from './language.ts'
import { endingCode } from './reasons.ts'

export function presentPostmortemSummary(
  { postmortem_id, requested, result, state }: PostmortemListed,
  language: Language,
): PostmortemSummary {
  const isWritten = result !== null && result.has_report
  return {
    postmortem_id,
    status: result?.status ?? 'processing',
    state: isWritten ? (state ?? 'draft') : null,
    incident_ids: [...(result ?? requested).incident_ids],
    session_ids: [...(result ?? requested).session_ids],
    title: isWritten ? inLanguage(result.title, language) : null,
    summary: isWritten ? inLanguage(result.summary, language) : null,
    error: result === null || isWritten ? null : inLanguage(result.summary, language),
    error_code: result === null || isWritten ? null : endingCode(result.reason),
    requested_at: timeOf(requested.occurred_at),
    completed_at: timeOrNull(result?.occurred_at ?? null),
  }
}

const listed = ({ result, ...row }: PostmortemRow): PostmortemListed => ({
  ...row,
  result: result === null ? null : { ...result, has_report: result.report !== null },
  state: row.latest?.state ?? null,
})

export const presentPostmortem = (row: PostmortemRow, language: Language): Postmortem => ({
  ...summarised(row, language),
  ...people(row),
  report: row.result === null || row.result.report === null ? null : readable(row.result.report, row.latest),
})

/** For Markdown and HTML. */
export const peopleIn = (row: PostmortemRow): People => ({
  revision: people(row).revision ?? 1,
  state: people(row).state ?? 'draft',
  latest: row.latest,
  revisions: revisionsSeen(row.edits),
})

/** Without its report, which may be a megabyte. */
export function summarised(row: PostmortemRow, language: Language): PostmortemSummary {
  const shown = presentPostmortemSummary(listed(row), language)
  return { ...shown, summary: shown.summary === null ? null : (row.latest?.summary[language] ?? shown.summary) }
}

function people(row: PostmortemRow): Pick<Postmortem, 'revision' | 'state' | 'edited' | 'revisions'> {
  const { latest } = row
  const { summary = {}, notes = null, impact_notes = null } = latest ?? {}
  return {
    revision:
      row.result === null ? null : revisionOf({ report_revision: row.result.revision, edit: latest?.edit ?? 0 }),
    state: row.result === null || row.result.report === null ? null : (latest?.state ?? 'draft'),
    edited: { summary, notes, impact_notes },
    revisions: revisionsSeen(row.edits).map(({ at, changed, ...one }) => ({ ...one, changed: [...changed], at: timeOf(at) })), // prettier-ignore
  }
}

/** Anyone could have published the event: what is no object is no report. */
function readable(report: string, edit: PostmortemRevised | null): Postmortem['report'] {
  try {
    const read: unknown = JSON.parse(report)
    const known = reportSchema.safeParse(read)
    if (known.success) return reportWith(known.data, edit)
    return typeof read === 'object' && read !== null && !Array.isArray(read) ? (read as Postmortem['report']) : null
  } catch {
    return null
  }
}
