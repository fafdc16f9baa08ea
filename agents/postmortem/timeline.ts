/** What happened in order, each entry with its source; entries that say the same are folded into one. */
import type { Source, Text, TimelineEntry } from '../../postmortem/report.ts'
import type { ApprovalRequested } from '../../schemas/events.generated.ts'
import type { Facts, SessionFacts } from './facts.ts'
import { sourceOf } from './feedback.ts'
import { feedback as judged } from './feedback-texts.ts'
import { uniqueSources } from './measurements.ts'
import type { Speech } from './speech.ts'
import { timeline as texts } from './texts.ts'

type Kind = TimelineEntry['kind']

/** Entries that say the same within this time are one. */
const SAME_MS = 60_000
const MOST = 300
/** Kinds that are left out first if there are too many entries, in this order. */
const LEAST_IMPORTANT: readonly Kind[] = ['finding', 'alert', 'change']
/** Changes this long before the onset may matter. */
export const CHANGES_BEFORE_MS = 3_600_000

interface Window {
  from: number
  to: number
}

export interface ChangeFact {
  id: string
  timestamp: number
  service_name: string
  summary: string
  sources: readonly Source[]
}

/** The control-plane's own list where it answered, else what the sessions saw. */
export const changesOf = ({ changes, answers }: Facts): ChangeFact[] => [
  ...new Map<string, ChangeFact>([
    ...answers.changes,
    ...(changes ?? []).map((one): [string, ChangeFact] => [
      one.id,
      { ...one, sources: [{ kind: 'change', id: one.id }, ...(answers.changes.get(one.id)?.sources ?? [])] },
    ]),
  ]).values(),
]

export function timelineOf(
  facts: Facts,
  { involved, window, speech }: { involved: readonly string[]; window: Window; speech: Speech },
): { entries: TimelineEntry[]; leftOut: number } {
  const isInvolved = (service: string) => service === '' || involved.includes(service)
  const inside = (at: number) => at >= window.from && at <= window.to
  const entry = (at: number, kind: Kind, text: Text, sources: readonly Source[]): TimelineEntry => ({ at: Math.round(at), kind, text, count: 1, sources: [...sources] }) // prettier-ignore

  const changes = changesOf(facts)
    .filter(({ service_name, timestamp }) => isInvolved(service_name) && inside(timestamp))
    .map(({ timestamp, service_name, summary, id, sources }) =>
      entry(
        timestamp,
        'change',
        texts.change(service_name, speech.quoted(summary)),
        sources.length > 0 ? sources : [{ kind: 'change', id }],
      ),
    )
  const alerts = [...facts.answers.alerts.values()]
    .filter(({ service_name, started_at }) => isInvolved(service_name) && inside(started_at))
    .flatMap(({ name, service_name, summary, started_at, ended_at, id, sources }) => {
      const said = speech.quoted(summary === '' ? name : summary)
      const from: Source[] = [{ kind: 'alert', id }, ...sources]
      const ends = ended_at !== undefined && inside(ended_at) && ended_at >= started_at
      return [
        entry(started_at, 'alert', texts.alert(service_name, said), from),
        ...(ends ? [entry(ended_at, 'alert', texts.alertOver(service_name, said), from)] : []),
      ]
    })
  const incidents = facts.incidents.flatMap(({ id, title, started_at, ended_at }) => {
    const said = speech.quoted(title)
    const from: Source[] = [{ kind: 'incident', id }]
    return [
      entry(started_at, 'incident', texts.incidentBegan(said), from),
      ...(ended_at === undefined ? [] : [entry(ended_at, 'incident', texts.incidentOver(said), from)]),
    ]
  })
  const sessions = facts.sessions.flatMap((one) => entriesOf(one, { entry, speech }))
  return bounded(folded([...changes, ...alerts, ...incidents, ...sessions]))
}

/** Null: an agent. */
const proposerRoleOf = ({ proposed_by: proposer }: ApprovalRequested, speech: Speech): string | null =>
  proposer == null ? null : speech.quoted(proposer.role)

interface Telling {
  entry(at: number, kind: Kind, text: Text, sources: readonly Source[]): TimelineEntry
  speech: Speech
}

function entriesOf(
  { request, result, approvals, feedback }: SessionFacts,
  { entry, speech }: Telling,
): TimelineEntry[] {
  const event = (id: string): Source[] => [{ kind: 'event', id }]
  const asked = entry(
    request.occurred_at,
    'request',
    texts.asked(request.kind, request.service),
    event(request.event_id),
  )
  if (result === null) return [asked]
  const cited = (ids: readonly string[]): Source[] => ids.map((id) => ({ kind: 'evidence', id }))
  const [first] = result.root_causes
  return [
    asked,
    ...(result.onset === null ? [] : [entry(result.onset, 'onset', texts.onset, event(result.event_id))]),
    ...result.findings
      .filter(
        ({ timestamp, severity, evidence }) => timestamp !== null && severity === 'critical' && evidence.length > 0,
      )
      .map(({ timestamp, message, evidence }) => entry(timestamp!, 'finding', speech.told(message), cited(evidence))),
    entry(result.occurred_at, 'diagnosis', texts.diagnosis(speech.told(result.summary)), event(result.event_id)),
    ...(first === undefined || first.until === null || result.phase !== 'over'
      ? []
      : [
          entry(first.until, 'recovery', texts.recovered(first.service), [
            ...event(result.event_id),
            ...cited(first.evidence),
          ]),
        ]),
    ...feedback.map((one) => entry(one.occurred_at, 'feedback', judged.given(speech.quoted(one.role), one.verdict, speech.quoted(one.root_cause ?? '')), [sourceOf(one)])), // prettier-ignore
    ...approvals.flatMap(({ requested, counted, closed, acted }) => [
      entry(
        requested.occurred_at,
        'approval',
        texts.proposed(speech.told(requested.title), proposerRoleOf(requested, speech)),
        event(requested.event_id),
      ),
      ...counted.map((one) =>
        entry(one.occurred_at, 'decision', texts.counted(requested.approver_roles), event(one.event_id)),
      ),
      ...(closed === null
        ? []
        : [
            entry(
              closed.occurred_at,
              'decision',
              closed.code === 'decided'
                ? texts.decided(closed.outcome, requested.approver_roles)
                : texts.closed(closed.outcome, closed.code),
              event(closed.event_id),
            ),
          ]),
      ...(acted === null || acted.started_at === null
        ? []
        : [entry(acted.started_at, 'action', texts.acted(speech.quoted(acted.action.type), acted.action.service), event(acted.event_id))]), // prettier-ignore
      ...(acted === null
        ? []
        : [
            entry(acted.finished_at ?? acted.occurred_at, 'effect', texts.effect(acted.outcome, acted.effect), [
              ...event(acted.event_id),
              ...cited(acted.checks.flatMap(({ evidence_id }) => evidence_id ?? [])),
            ]),
          ]),
    ]),
  ]
}

function folded(entries: readonly TimelineEntry[]): TimelineEntry[] {
  const kept: TimelineEntry[] = []
  const last = new Map<string, number>()
  for (const one of entries.toSorted((a, b) => a.at - b.at)) {
    const key = `${one.kind} ${one.text.en}`
    const place = last.get(key)
    const before = place === undefined ? undefined : kept[place]
    if (place !== undefined && before !== undefined && one.at - before.at <= SAME_MS)
      kept[place] = {
        ...before,
        count: before.count + 1,
        // thousands of entries may be folded into one
        sources:
          before.sources.length >= MOST_SOURCES ? before.sources : uniqueSources([...before.sources, ...one.sources]),
      }
    else {
      last.set(key, kept.length)
      kept.push(one)
    }
  }
  return kept.map((one) => (one.sources.length > MOST_SOURCES ? { ...one, sources: one.sources.slice(0, MOST_SOURCES) } : one)) // prettier-ignore
}

const MOST_SOURCES = 20

/** In time order. Beyond the limit, entries of the least important kinds are left out first, and of one kind the latest first. */
function bounded(entries: readonly TimelineEntry[]): { entries: TimelineEntry[]; leftOut: number } {
  const excess = Math.max(0, entries.length - MOST)
  if (excess === 0) return { entries: [...entries], leftOut: 0 }
  const rank = ({ kind }: TimelineEntry) => {
    const place = LEAST_IMPORTANT.indexOf(kind)
    return place === -1 ? LEAST_IMPORTANT.length : place
  }
  const dropped = new Set(
    entries.toReversed().toSorted((one, other) => rank(one) - rank(other)).slice(0, excess), // prettier-ignore
  )
  return { entries: entries.filter((one) => !dropped.has(one)), leftOut: excess }
}
