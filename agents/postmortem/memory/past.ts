/** What a session or a report leaves in the memory: only what was verified, and nothing of recordings. Pure. */
import { z } from 'zod'
import type { Entry } from '../../../memory/entry.ts'
import { incidentEntry } from '../../../memory/incident.ts'
import { reportSchema } from '../../../postmortem/report.ts'
import type { EvidenceRecorded, PostmortemCompleted, PostmortemRevised, RootCause } from '../../../schemas/events.generated.ts' // prettier-ignore
import type { ApprovalFacts, SessionFacts } from '../facts.ts'

/** `null`: it must not be there, or no longer. */
export type Left = Entry | null

const MOST_TEMPLATES = 20
const MOST_CHARACTERS = 2000

/** A diagnosis that people confirmed, or whose action helped; nothing that anyone says was wrong. */
export function leftBySession(id: string, session: SessionFacts, evidence: readonly EvidenceRecorded[]): Left {
  const { request, result, feedback, approvals } = session
  const cause = result?.root_causes[0]
  if (request.context['recording'] !== undefined) return null
  if (result?.verdict !== 'incident' || cause === undefined) return null
  const newest = feedback.at(-1)?.verdict
  if (feedback.some(({ verdict }) => verdict === 'wrong') || newest === 'partly') return null
  const helped = approvals.findLast((one) => hasHelped(one, cause))?.requested.action
  if (newest !== 'right' && helped === undefined) return null
  const incident = {
    ...{ session_id: id, incident_ids: request.incident_ids },
    ...{ service: cause.service, indicator: cause.indicator, change: changeOf(cause, evidence) },
    templates: templatesOf(cause.service, evidence),
    cause: { en: cause.explanation['en'] ?? '', zh: cause.explanation['zh-TW'] ?? '' },
    helped: helped === undefined ? null : { type: helped.type, service: helped.service },
  }
  return incidentEntry(incident, result.onset ?? request.occurred_at)
}

/** What somebody proposed by hand may help without the diagnosis being right: only if it acted on the cause does it say so. Undoing an action verifies nothing. */
const hasHelped = ({ requested, acted }: ApprovalFacts, { service }: RootCause): boolean =>
  acted?.effect === 'helped' &&
  requested.undoes === null &&
  (requested.proposed_by === null || requested.action.service === service)

const changes = z.array(z.looseObject({ id: z.string(), event_type: z.string() }))
const logs = z.looseObject({
  lines: z.array(z.looseObject({ service: z.string() })),
  templates: z.array(z.looseObject({ template: z.string(), isNew: z.boolean() })),
})

const changeOf = ({ change_id }: RootCause, evidence: readonly EvidenceRecorded[]): string | null =>
  change_id === null ? null : (parsed(changes, 'audit-logs', evidence).flat().find(({ id }) => id === change_id)?.event_type ?? null) // prettier-ignore

const templatesOf = (service: string, evidence: readonly EvidenceRecorded[]): string[] =>
  parsed(logs, 'logs', evidence)
    .filter(({ lines }) => lines[0]?.service === service)
    .flatMap(({ templates }) => templates.filter(({ isNew }) => isNew).map(({ template }) => template))
    .slice(0, MOST_TEMPLATES)

/** An event may hold only a part of an answer; what cannot be read is left out, as there is less to compare then. */
function parsed<T>(schema: z.ZodType<T>, operation: string, evidence: readonly EvidenceRecorded[]): T[] {
  return evidence
    .filter((one) => one.operation === operation && one.status === 'ok' && one.data !== null)
    .flatMap(({ data }) => {
      try {
        return [schema.parse(JSON.parse(data ?? ''))]
      } catch {
        return []
      }
    })
}

export interface ReportFacts {
  completed: PostmortemCompleted | null
  revised: PostmortemRevised | null
  /** all of its sessions that are known looked at recordings */
  isRecorded: boolean
}

/** A report that people published, with what they wrote. */
export function leftByReport(id: string, { completed, revised, isRecorded }: ReportFacts): Left {
  if (completed?.report == null || revised?.state !== 'published' || isRecorded) return null
  const { head } = reportSchema.parse(JSON.parse(completed.report))
  const summary = (language: string) => revised.summary[language] ?? completed.summary[language] ?? ''
  const text = [summary('en'), summary('zh-TW'), revised.notes ?? '', revised.impact_notes ?? ''].filter((one) => one !== '') // prettier-ignore
  return {
    ...{ id, source: completed.incident_ids[0] ?? id },
    headings: [completed.title['en'] ?? id],
    text: text.join('\n\n').slice(0, MOST_CHARACTERS).toWellFormed(),
    ...{ services: head.services, time: head.times.began?.at ?? completed.requested_at },
  }
}
