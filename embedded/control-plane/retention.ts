/** What the control-plane forgets of what others told it and of what it told them, once it is old. */
import type { Pool } from 'pg'
import { type Forget, forgetRows } from '../../agents/runtime/retention.ts'

export const forgetTold = (pool: Pool): readonly Forget[] => [
  // events that have left; what waits stays, however old
  forgetRows(
    pool,
    `DELETE FROM control_plane.outbox WHERE id = ANY(ARRAY(
       SELECT id FROM control_plane.outbox WHERE published_at < $1 ORDER BY id LIMIT $2))`,
  ),
  // an approval that is open is closed by the executor within 30 days: whatever is open for longer was asked of nobody
  forgetRows(
    pool,
    `WITH old AS (
       DELETE FROM control_plane.approvals WHERE ctid = ANY(ARRAY(
         SELECT ctid FROM control_plane.approvals
         WHERE kept_at < $1 AND (closed IS NOT NULL OR kept_at < $1::timestamptz - interval '30 days') LIMIT $2)) RETURNING approval_id, tenant
     ), decided AS (DELETE FROM control_plane.decisions WHERE (approval_id, tenant) IN (SELECT approval_id, tenant FROM old))
     SELECT FROM old`,
  ),
]
