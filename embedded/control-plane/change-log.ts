/** Changes: a row of the audit log and its event, written together. */
import type { PoolClient } from 'pg'
import { transaction } from '../../bus/postgres/transaction.ts'
import { type Change, changeRecorded } from './events.ts'
import type { House } from './house.ts'

/** `at`: when its effects began. `also` runs in the same transaction, last. */
export async function recordChange<T = void>(
  house: House,
  change: Change,
  at: Date,
  also?: (client: PoolClient) => Promise<T>,
): Promise<T | undefined> {
  const records = await changeRecorded(house, change)
  const done = await transaction(house.pool, async (client) => {
    await client.query(
      `INSERT INTO control_plane.audit_logs (id, timestamp, event_type, author, service_name, summary, changes)
       VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [
        change.id,
        at,
        change.type,
        change.author,
        change.service,
        change.summary,
        JSON.stringify({ before: change.before, after: change.after }),
      ],
    )
    await house.outbox.add(client, records)
    return also?.(client)
  })
  house.outbox.nudge()
  return done
}
