import type { Pool } from 'pg'
import { type Forget, forgetRows } from '../../agents/runtime/retention.ts'

/** Events that have left; what waits stays, however old. */
export const forgetPublished = (pool: Pool): Forget =>
  forgetRows(
    pool,
    `DELETE FROM control_plane.outbox WHERE id = ANY(ARRAY(
       SELECT id FROM control_plane.outbox WHERE published_at < $1 ORDER BY id LIMIT $2))`,
  )
