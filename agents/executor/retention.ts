/** Retention of executor data: open approvals and the decisions about them are never deleted. */
import type { Pool } from 'pg'
import { type Forget, forgetRows } from '../runtime/retention.ts'

export const forgetApprovals = (pool: Pool): readonly Forget[] => [
  // the approval's approvers and used decisions go with it: their signatures have long expired by then
  forgetRows(
    pool,
    `WITH old AS (
       DELETE FROM executor.approvals WHERE (approval_id, tenant) IN (
         SELECT approval_id, tenant FROM executor.approvals WHERE closed_at < $1 AND NOT EXISTS (
           SELECT FROM runtime.runs r WHERE r.run_id = closed_by_run AND r.status <> 'ended') LIMIT $2) RETURNING approval_id, tenant
     ), used AS (DELETE FROM executor.used_decisions WHERE (approval_id, tenant) IN (SELECT approval_id, tenant FROM old)),
     approvers AS (DELETE FROM executor.approvers WHERE (approval_id, tenant) IN (SELECT approval_id, tenant FROM old))
     SELECT FROM old`,
  ),
  forgetRows(
    pool,
    `DELETE FROM executor.held_decisions WHERE (event_id, tenant) IN (
       SELECT event_id, tenant FROM executor.held_decisions h WHERE held_at < $1 AND ${notOpen('h')} LIMIT $2)`,
  ),
  forgetRows(
    pool,
    `DELETE FROM executor.audit WHERE id = ANY(ARRAY(
       SELECT id FROM executor.audit a WHERE judged_at < $1 AND ${notOpen('a')} LIMIT $2))`,
  ),
  forgetRows(
    pool,
    `DELETE FROM executor.freezes WHERE id = ANY(ARRAY(
       SELECT id FROM executor.freezes WHERE lifted_at < $1 LIMIT $2))`,
  ),
]

function notOpen(table: string): string {
  return `NOT EXISTS (SELECT FROM executor.approvals o WHERE o.approval_id = ${table}.approval_id AND o.tenant = ${table}.tenant AND o.closed_at IS NULL)`
}
