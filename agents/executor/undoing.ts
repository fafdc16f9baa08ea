/** Proposes to undo an action that made things worse. This is an approval like any other: a person decides. */
import { approversOf, type Catalogue, DECIDERS } from '../../actions/catalogue.ts'
import { undoingOf } from '../../actions/undo.ts'
import { wordsOf, wordsOfUndoing } from '../../actions/words.ts'
import { actionHash } from '../../schemas/action-hash.ts'
import type { ApprovalRequested, CheckResult } from '../../schemas/events.generated.ts'
import { emit, type Outgoing, type Run } from '../runtime/agent.ts'
import { eventId } from '../runtime/run.ts'

export interface UndoOptions {
  catalogue: Catalogue
  /** roles that may decide; default: team_manager, super_admin */
  approverRoles?: readonly string[]
  /** ms the approval of an undo stays open */
  approvalTtlMs: number
}

/** Nothing if the catalogue has no undo for it, or if the action was itself an undo: undoing that would only repeat the first action. */
export function undoRequested(
  request: ApprovalRequested,
  checks: readonly CheckResult[],
  { id }: Pick<Run, 'id'>,
  finishedAt: number,
  { catalogue, approverRoles = DECIDERS, approvalTtlMs }: UndoOptions,
): Outgoing[] {
  const undoing = undoingOf(catalogue, request.action)
  if ((request.undoes ?? null) !== null || !('action' in undoing)) return []
  const { action } = undoing
  const words = wordsOf(action)
  const [done, worse] = [wordsOf(request.action), checks.filter(({ effect }) => effect === 'worse').map(levels)]
  return [
    emit('ApprovalRequested', {
      session_id: request.session_id,
      approval_id: eventId(id, 'undo'),
      action,
      action_hash: actionHash(action),
      title: { en: `Undo: ${words.en}`, 'zh-TW': `復原：${words['zh-TW']}` },
      reason: {
        en: `This made it worse: ${done.en}. ${worse.join('; ')}`,
        'zh-TW': `下列動作使情況惡化：${done['zh-TW']}。${worse.join('；')}`,
      },
      risk: catalogue.get(action.type)?.risk ?? 'critical',
      requested_by: request.requested_by,
      approver_roles: approversOf(catalogue, action.type, approverRoles),
      expires_at: finishedAt + approvalTtlMs,
      evidence: [...new Set(checks.flatMap(({ evidence_id }) => evidence_id ?? []))],
      checks: request.checks.map((check, at) => ({ ...check, disturbed: checks[at]?.after ?? check.disturbed })),
      undo: wordsOfUndoing(undoingOf(catalogue, action)),
      undoes: request.approval_id,
      proposed_by: null,
    }),
  ]
}

const levels = ({ service, indicator, disturbed, after }: CheckResult): string =>
  `${service} ${indicator}: ${[disturbed, after].map(rounded).join(' → ')}`

const rounded = (level: number | null): string => (level === null ? '?' : String(Number(level.toPrecision(3))))
