/** The executor: the only agent that may write to the control-plane. It takes signed decisions and runs exactly the approved action, once. */
import { join } from 'node:path'
import type { Logger } from 'pino'
import { approversOf, DECIDERS, higherRisk, objectionTo } from '../../actions/catalogue.ts'
import { migrate } from '../../bus/postgres/migrate.ts'
import { type KeySet, verifyDecision } from '../../schemas/decision.ts'
import type { ApprovalDecided, ApprovalRequested, EventName, Events } from '../../schemas/events.generated.ts'
import type { Agent, Emission, Outgoing, Run, RunEnd } from '../runtime/agent.ts'
import type { Evidence } from '../runtime/evidence.ts'
import { evidenceEvents } from '../runtime/evidence-events.ts'
import { headline } from '../runtime/tool-result.ts'
import { ownedMetrics } from '../tools/owned/owned.ts'
import { abandoned, act, type ActOptions } from './act.ts'
import type { Approvals } from './approvals.ts'
import { closed, counted as countedEvent } from './closed.ts'
import { type Closing, expire, judge } from './judge.ts'
import { closeOvertaken } from './overtaken.ts'
import { askTarget, compare, ownerOf, type TargetOptions } from './target.ts'
import { WORKFLOWS } from './workflows.ts'

export interface ExecutorOptions extends Omit<ActOptions, 'others'>, TargetOptions {
  approvals: Approvals
  log: Logger
  /** public keys of the trusted signers of decisions, by `iss` */
  trustedKeys: ReadonlyMap<string, KeySet>
  /** signs the events that only the executor may publish */
  seal: NonNullable<Agent['seal']>
  limits?: Agent['limits']
}

/** Longest time an approval stays open, whatever expiry its request states: open approvals are never deleted by retention. */
const LONGEST_OPEN_MS = 30 * 86_400_000

export const prepareExecutor = (databaseUrl: string): Promise<void> =>
  migrate(databaseUrl, 'executor', join(import.meta.dirname, 'migrations'))

export function createExecutor(options: ExecutorOptions): Agent {
  return {
    name: 'executor',
    version: 3,
    oncePer: { ApprovalRequested: (request) => request.approval_id },
    workflows: WORKFLOWS,
    publishes: [
      'ApprovalCounted',
      'ApprovalClosed',
      'ActionCompleted',
      'DiagnosisProgressed',
      'ApprovalRequested',
      'EvidenceRecorded',
      'AgentUsage',
    ],
    on: {
      ApprovalRequested: (request, run) => openApproval(request, run, options),
      ApprovalDecided: (decision, run) => takeDecision(decision, run, options),
    },
    later: {
      ApprovalRequested: {
        at: ({ expires_at }) => Math.min(expires_at, Date.now() + LONGEST_OPEN_MS),
        handle: (request, run) => letExpire(request, run, options),
      },
    },
    seal: options.seal,
    ended: (event, end) => tellWhatStands(event, end, options),
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  }
}

async function* openApproval(request: ApprovalRequested, run: Run, options: ExecutorOptions): AsyncIterable<Emission> {
  const opened = await run.step('open', () => options.approvals.open(asCatalogued(request, options), run.id))
  if (opened === null) return
  if (opened.closed !== null) return yield closed(request, opened.closed)
  for (const [index, decision] of opened.held.entries())
    yield* settle(request, decision, run, options, `held ${index} `)
  if (opened.doubtful) yield* closeOvertaken(request, run, options, '')
}

async function* takeDecision(decision: ApprovalDecided, run: Run, options: ExecutorOptions): AsyncIterable<Emission> {
  const request = await run.step('look up', () => options.approvals.requestFor(decision))
  if (request !== null) return yield* settle(request, decision, run, options, '')
  await run.step('hold', async () => {
    const verified = await verifyDecision(decision.decision_jws, options.trustedKeys)
    const isAbout = verified.ok && verified.claim.approval_id === decision.approval_id
    if (isAbout) await options.approvals.holdAsGenuine(decision)
  })
}

async function* letExpire(request: ApprovalRequested, run: Run, options: ExecutorOptions): AsyncIterable<Emission> {
  const closing = await run.step('expire', () => closeExpired(request, run.id, options))
  if (closing !== null) yield closed(request, closing)
}

/** A request may arrive after its own expiry, so it may have to be opened before it can be closed. */
async function closeExpired(request: ApprovalRequested, runId: string, options: ExecutorOptions) {
  const { approvals } = options
  const opened = await approvals.open(asCatalogued(request, options), runId)
  return opened === null ? null : approvals.close(request, expire(request), runId, null)
}

/** A run that ends early may have closed an approval without publishing that; without these events readers would wait forever. */
async function tellWhatStands(
  event: Events[EventName],
  { run, code, reason, published }: RunEnd,
  options: ExecutorOptions,
): Promise<Outgoing[]> {
  if ('expires_at' in event && event.expires_at <= Date.now()) await closeExpired(event, run.id, options)
  const waiting = published.has('ApprovalCounted') ? [] : await options.approvals.countedBy(run.id)
  const stands = await options.approvals.closedBy(run.id)
  const isTold = stands.length === 1 && published.has('ApprovalClosed')
  const ends = stands.flatMap(({ request, closing, begun }) => {
    const told = isTold ? [] : [closed(request, closing)]
    const isOpen = closing.outcome === 'approved' && !published.has('ActionCompleted')
    return isOpen ? [...told, abandoned(request, begun, { code, error: `${code}: ${headline(reason)}` })] : told
  })
  return [...waiting.map(countedEvent), ...ends]
}

/** One decision about one approval: judged, closed, and executed if it counts. */
async function* settle(
  request: ApprovalRequested,
  decision: ApprovalDecided,
  run: Run,
  options: ExecutorOptions,
  label: string,
): AsyncIterable<Emission> {
  const verified = await run.step(`${label}verify signature`, () =>
    verifyDecision(decision.decision_jws, options.trustedKeys),
  )
  const owned = options.tenants.of(request.tenant)
  let closing = allowed(request, judge(asCatalogued(request, options), verified, owned, run.startedAt), options)
  if (closing.outcome === 'approved') {
    const target = await askTarget(request, run, options, `${label}target`)
    yield evidenceEvents(ownerOf(run, request.session_id), [target])
    closing = stillThere(request, target, closing)
  }
  const counted = await run.step(`${label}close`, () => close(closing, decision, run, options))
  if (counted === null) return
  if (counted.outcome === 'counted') return yield countedEvent({ request, ...approverOf(counted) })
  yield closed(request, counted)
  const others = () => closeOvertaken(request, run, options, label)
  if (counted.code === 'target_changed') yield* others()
  if (counted.outcome === 'approved')
    yield* act(request, run, { ...options, metrics: ownedMetrics(options.metrics, owned), others })
}

/** Only a verified decision counts, and its person and id are then known. */
const approverOf = ({ decidedBy, jti, reason }: Closing) => ({
  approvedBy: decidedBy ?? '',
  jti: jti ?? '',
  reason: reason ?? '',
})

/**
 * Anyone may have written the request: a role it names counts only if this executor and its catalogue accept decisions from that role, and its risk
 * is at least the catalogue's.
 */
function asCatalogued(request: ApprovalRequested, options: ExecutorOptions): ApprovalRequested {
  const { catalogue, approverRoles = DECIDERS } = options
  const { type } = request.action
  const known = catalogue.get(type)
  const roles = known === undefined ? approverRoles : approversOf(catalogue, type, approverRoles)
  return {
    ...request,
    approver_roles: request.approver_roles.filter((role) => roles.includes(role)),
    risk: known === undefined ? request.risk : higherRisk(request.risk, known.risk),
  }
}

/** An approval of what the catalogue does not allow is refused. */
function allowed({ action }: ApprovalRequested, closing: Closing, { catalogue }: ExecutorOptions): Closing {
  const objection = closing.outcome === 'approved' ? objectionTo(catalogue, action) : null
  return objection === null ? closing : { ...closing, outcome: 'refused', ...objection }
}

async function close(closing: Closing, decision: ApprovalDecided, run: Run, { approvals, log }: ExecutorOptions) {
  const counted = await approvals.close(decision, closing, run.id, decision)
  const { approval_id: approval, tenant, event_id: event } = decision
  const { outcome, code, reason, decidedBy, jti } = counted ?? closing
  log.info({ approval, tenant, event, outcome, code, reason, decidedBy, jti, counted: counted !== null }, 'decision judged') // prettier-ignore
  return counted
}

/** The action was proposed for one state of its target; in any other state the approval does not cover it. */
function stillThere(request: ApprovalRequested, target: Evidence, closing: Closing): Closing {
  const now = compare(request.action, target)
  const no = (code: string, reason: string): Closing => ({ ...closing, outcome: 'refused', code, reason })
  if ('unread' in now) return no('target_unknown', now.unread)
  return now.moved === null ? closing : no('target_changed', now.moved)
}
