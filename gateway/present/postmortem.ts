import type { Postmortem, PostmortemSummary } from '../api.generated.ts'
import type { PostmortemListed, PostmortemRow } from '../views/postmortems.ts'
import { inLanguage, type Language, timeOf, timeOrNull } from './language.ts'
import { endingCode } from './reasons.ts'

export function presentPostmortemSummary(
  { postmortem_id, requested, result }: PostmortemListed,
  language: Language,
): PostmortemSummary {
  const isWritten = result !== null && result.has_report
  return {
    postmortem_id,
    status: result?.status ?? 'processing',
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
})

export const presentPostmortem = (row: PostmortemRow, language: Language): Postmortem => ({
  ...presentPostmortemSummary(listed(row), language),
  revision: row.result?.revision ?? null,
  report: row.result === null || row.result.report === null ? null : readable(row.result.report),
})

/** Anyone could have published the event: what is no object is no report. */
function readable(report: string): Postmortem['report'] {
  try {
    const read: unknown = JSON.parse(report)
    return typeof read === 'object' && read !== null && !Array.isArray(read) ? (read as Postmortem['report']) : null
  } catch {
    return null
  }
}
