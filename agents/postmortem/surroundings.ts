/** What the control-plane knows of the incidents now, and the changes around them. A source that fails makes the report partial, never empty. */
import type { Text } from '../../postmortem/report.ts'
import type { Owned } from '../../tenants/tenants.ts'
import { redactValue } from '../runtime/redaction.ts'
import { ownedControlPlane } from '../tools/owned/control-plane.ts'
import type { AuditLogItem, CallContext, ControlPlaneTool, Incident } from '../tools/tools.ts'
import type { Answers } from './answers.ts'
import type { SessionFacts } from './facts.ts'
import { process as texts } from './process-texts.ts'
import type { Found } from './store.ts'
import { CHANGES_BEFORE_MS } from './timeline.ts'

export interface Surroundings {
  incidents: Incident[]
  /** incidents that the control-plane was asked about without an answer */
  failed: string[]
  /** null: unknown */
  changes: AuditLogItem[] | null
  missing: Text[]
}

interface Asking {
  found: Found
  sessions: readonly SessionFacts[]
  answers: Answers
  controlPlane: ControlPlaneTool | undefined
  owned: Owned
  call: CallContext
  /** ms */
  now: number
}

/** A longer window would be that of several incidents. */
const LONGEST_MS = 7 * 86_400_000

export async function surroundings({
  found,
  sessions,
  answers,
  controlPlane,
  owned,
  call,
  now,
}: Asking): Promise<Surroundings> {
  if (controlPlane === undefined)
    return {
      incidents: fromAnswers(found, answers),
      changes: null,
      failed: [],
      missing: found.incidentIds.length === 0 ? [] : [texts.noControlPlane],
    }
  const tool = ownedControlPlane(controlPlane, owned)
  // what the sessions saw was redacted before it was published; this was not
  const asked = redactValue(await Promise.all(found.incidentIds.map((id) => tool.incident(id, call)))).value
  const incidents = asked.flatMap(({ data }) => data ?? [])
  const failed = found.incidentIds.filter((_, place) => asked[place]?.status === 'failed')
  const services = new Set([
    ...incidents.map(({ service_name }) => service_name),
    ...sessions.flatMap(({ request, result }) => [
      request.service ?? '',
      ...request.affected_services,
      ...(result?.root_causes ?? []).slice(0, 3).map(({ service }) => service),
    ]),
  ])
  services.delete('')
  const starts = [...incidents.map(({ started_at }) => started_at), ...sessions.map(({ request, result }) => result?.onset ?? request.occurred_at)] // prettier-ignore
  const first = starts.reduce((one, other) => Math.min(one, other), now)
  const range = { start: first - CHANGES_BEFORE_MS, end: Math.min(now, first + LONGEST_MS) }
  const changes = services.size === 0 ? null : redactValue(await tool.auditLogs({ services: [...services], range }, call)).value // prettier-ignore
  return {
    incidents,
    changes: changes?.status === 'ok' ? changes.data : null,
    failed,
    missing: changes?.status === 'failed' ? [texts.changesFailed] : [],
  }
}

/** Without a control-plane, an incident is known as a session saw it. */
const fromAnswers = ({ incidentIds }: Found, { earlier }: Answers): Incident[] =>
  incidentIds.flatMap((id) => {
    const seen = earlier.get(id)
    if (seen === undefined) return []
    const { title, service_name, severity, started_at, ended_at } = seen
    return [
      {
        id,
        title,
        service_name,
        severity,
        started_at,
        status: 'unknown',
        ...(ended_at === undefined ? {} : { ended_at }),
      },
    ]
  })
