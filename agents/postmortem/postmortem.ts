/** The postmortem agent: writes what happened from the events of sessions and from the control-plane. Read only; it does not know who asks, nor how. */
import type { Pool } from 'pg'
import type { Objective } from '../../analysis/observations.ts'
import type { Bus } from '../../bus/bus.ts'
import { uuidKey } from '../../bus/uuid-key.ts'
import { type Report, reportSchema, type Text } from '../../postmortem/report.ts'
import { both, joinedTexts } from '../../postmortem/words.ts'
import type { A2aRequested, PostmortemCompleted, PostmortemRequested } from '../../schemas/events.generated.ts'
import type { Tenants } from '../../tenants/tenants.ts'
import { withVersion } from '../a2a/call.ts'
import { MOST } from '../a2a/binding.ts'
import {
  type Agent,
  emit,
  type Emission,
  type Outgoing,
  type Run,
  type RunEnd,
  type StepContext,
} from '../runtime/agent.ts'
import { headline } from '../runtime/tool-result.ts'
import type { CallContext, ControlPlaneTool } from '../tools/tools.ts'
import { answerCall, failedCall, letCallExpire, restOf } from './called.ts'
import { type CallStore, createCalls } from './calls.ts'
import { catchUp } from './catch-up.ts'
import { surroundings } from './surroundings.ts'
import { sessionsOf } from './facts.ts'
import { fitted } from './fitted.ts'
import { find, load } from './store.ts'
import { process as texts } from './process-texts.ts'
import { writeReport } from './write-report.ts'

const VERSION = 1
/** Maximum number of incidents and sessions of one report, counted together. */
export const MOST_IDS = 100

export interface PostmortemOptions {
  /** holds the kept events */
  pool: Pool
  /** its lag tells whether all events were read */
  bus: Pick<Bus, 'lag'>
  tenants: Tenants
  /** absent: nothing is known beyond the events */
  controlPlane?: ControlPlaneTool
  /** service level objectives */
  objectives?: readonly Objective[]
}

export interface Question {
  postmortem_id: string
  incident_ids: readonly string[]
  session_ids: readonly string[]
}

/** A report, or why there is none. */
export type Answer = { report: Report } | { refused: { code: string; about: string; text: Text } }

export function createPostmortem(options: PostmortemOptions): Agent {
  const calls = createCalls(options.pool)
  const called = { ...options, calls, version: String(VERSION) }
  return {
    name: 'postmortem',
    version: VERSION,
    oncePer: {
      PostmortemRequested: (request) => request.postmortem_id,
      A2aRequested: ({ caller, call_id }) => `${caller}/${call_id}`,
    },
    publishes: ['PostmortemCompleted', 'PostmortemRequested', 'A2aResponded'],
    on: {
      PostmortemRequested: (request, run) => tell(request, run, { ...options, calls }),
      A2aRequested: (call, run) => answerCall(call, run, called),
    },
    later: {
      A2aRequested: {
        at: ({ deadline }) => Math.min(deadline, Date.now() + MOST.waitMs),
        handle: (call, run) => letCallExpire(call, run, called),
      },
    },
    seal: async (event, record) => withVersion(event, record),
    ended: (event, end) =>
      'call_id' in event
        ? failedCall(event as A2aRequested, end, calls)
        : failedRequest(event as PostmortemRequested, end, calls),
  }
}

type Telling = PostmortemOptions & { calls: CallStore }

async function* tell(request: PostmortemRequested, run: Run, options: Telling): AsyncIterable<Emission> {
  const isTask = uuidKey(request.postmortem_id) !== null
  const behind = await run.step('catch up', async ({ signal }) => {
    if (isTask) await options.calls.know(run.tenant, request, run.startedAt, true)
    return catchUp(options.bus, signal)
  })
  const answer = await run.step('write', (context) => answerTo(request, { run, context, behind }, options))
  const completed = 'refused' in answer ? refused(request, run, answer.refused) : written(request, run, answer.report)
  yield emit('PostmortemCompleted', completed)
  if (!isTask) return
  const ended = { known: request, completed, at: Date.now(), runId: run.id }
  const callers = await run.step('answer callers', () => options.calls.finish(run.tenant, ended))
  for (const one of callers?.waiting ?? []) yield restOf(one, callers!.task)
}

function written(request: PostmortemRequested, run: Run, report: Report): Completed {
  const { missing, head, summary } = report
  return {
    ...frame(request, run),
    status: missing.length === 0 ? 'completed' : 'partial',
    reason: missing.length === 0 ? null : `not_all_read: ${missing.map(({ en }) => en).join('; ')}`.slice(0, 1000),
    incident_ids: head.incident_ids,
    session_ids: head.session_ids,
    title: head.title,
    summary: joinedTexts(summary.map(({ text }) => text), ' ', ''), // prettier-ignore
    report: JSON.stringify(report),
  }
}

/** A report that was published is not replaced by a failure that came after it. */
async function failedRequest(request: PostmortemRequested, end: RunEnd, calls: CallStore): Promise<Outgoing[]> {
  if (end.published.has('PostmortemCompleted')) return []
  const completed = unfinished(request, end)
  const failed = emit('PostmortemCompleted', completed)
  if (uuidKey(request.postmortem_id) === null) return [failed]
  const ended = { known: request, completed, at: Date.now(), runId: end.run.id }
  const callers = await calls.finish(request.tenant, ended)
  return [failed, ...(callers?.waiting ?? []).flatMap((one) => restOf(one, callers!.task))]
}

interface Asking {
  run: Pick<Run, 'tenant' | 'startedAt' | 'traceparent' | 'requestId'>
  context: StepContext
  /** events that were not read in time */
  behind: number
}

/** The report for a question, whoever asked it. */
export async function answerTo(
  question: Question,
  { run, context, behind }: Asking,
  options: PostmortemOptions,
): Promise<Answer> {
  const { pool, tenants, controlPlane, objectives = [] } = options
  const asked = [...question.incident_ids, ...question.session_ids]
  if (asked.length === 0) return { refused: { code: 'invalid_request', about: 'no ids', text: texts.noIds } }
  if (asked.length > MOST_IDS)
    return {
      refused: { code: 'too_many_ids', about: String(asked.length), text: texts.tooMany(asked.length, MOST_IDS) },
    }
  const found = await find(pool, run.tenant, question)
  const { events, answers, leftOut } = await load(pool, run.tenant, found.sessionIds)
  const sessions = sessionsOf(events)
  const call: CallContext = {
    signal: context.signal,
    tenant: run.tenant,
    traceparent: run.traceparent,
    requestId: run.requestId,
  }
  const known = await surroundings({
    found,
    sessions,
    answers,
    controlPlane,
    owned: tenants.of(run.tenant),
    call,
    now: run.startedAt,
  })
  const unanswered = found.undiagnosed.filter((id) => known.failed.includes(id))
  if (unanswered.length > 0)
    return { refused: { code: 'source_failed', about: unanswered.join(', '), text: texts.unanswered(unanswered) } }
  const unknown = [
    ...found.unknownSessions,
    ...found.undiagnosed.filter((id) => !known.incidents.some((one) => one.id === id)),
  ]
  if (unknown.length > 0)
    return { refused: { code: 'unknown_ids', about: unknown.join(', ').slice(0, 1000), text: texts.unknown(unknown) } }
  const report = writeReport({
    postmortemId: question.postmortem_id,
    writtenAt: run.startedAt,
    incidentIds: found.incidentIds,
    sessions,
    answers,
    incidents: known.incidents,
    ...(known.changes === null ? {} : { changes: known.changes }),
    objectives,
    missing: [
      ...(behind === 0 ? [] : [texts.behind(behind)]),
      ...(found.leftOut === 0 ? [] : [texts.moreSessions(found.leftOut)]),
      ...(leftOut ? [texts.moreEvents] : []),
      ...known.missing,
    ],
  })
  return { report: fitted(reportSchema.parse(report)) }
}

type Completed = Omit<PostmortemCompleted, 'event_id' | 'sequence' | 'tenant' | 'occurred_at'>

const frame = (request: PostmortemRequested, run: RunEnd['run']) => ({
  session_id: null,
  postmortem_id: request.postmortem_id,
  revision: run.attempt + 1,
  run_id: run.id,
  handler_version: String(VERSION),
  language: request.language,
  requested_at: request.occurred_at,
  execution_ms: run.activeMs(),
})

const nothing = (request: PostmortemRequested) => ({ incident_ids: request.incident_ids, session_ids: request.session_ids, report: null }) // prettier-ignore

const refused = (
  request: PostmortemRequested,
  run: Run,
  { code, about, text }: { code: string; about: string; text: Text },
): Completed => ({
  ...nothing(request),
  ...frame(request, run),
  status: 'failed',
  reason: `${code}: ${about}`,
  title: texts.noReport,
  summary: text,
})

const unfinished = (request: PostmortemRequested, end: RunEnd): Completed => ({
  ...nothing(request),
  ...frame(request, end.run),
  status: end.status,
  reason: `${end.code}: ${headline(end.reason)}`,
  title: texts.noReport,
  summary: both(`The report failed (${end.code}).`, `報告失敗（${end.code}）。`),
})
