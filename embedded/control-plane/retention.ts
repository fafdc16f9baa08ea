/** Deletes old data the control-plane received and sent. */
import type { Pool } from 'pg'
import { type Forget, forgetRows } from '../../agents/runtime/retention.ts'

export const forgetTold = (pool: Pool): readonly Forget[] => [
  // events already sent; unsent ones stay, however old
  forgetRows(
    pool,
    `DELETE FROM control_plane.outbox WHERE id = ANY(ARRAY(
       SELECT id FROM control_plane.outbox WHERE published_at < $1 ORDER BY id LIMIT $2))`,
  ),
  // the executor closes open approvals within 30 days: one open for longer was never shown to anyone
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
