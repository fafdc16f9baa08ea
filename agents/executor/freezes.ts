/** While a freeze is set, no action starts, approved or not. Operators set and lift it; it is checked before a decision is accepted and before an action starts. */
import type { Pool, PoolClient } from 'pg'

export interface Freeze {
  /** the frozen tenant; null: all tenants */
  tenant: string | null
  by: string
  reason: string
  /** ms since the epoch */
  since: number
}

interface FreezeRow {
  tenant: string | null
  frozen_by: string
  reason: string
  since: Date
}

const COLUMNS = 'tenant, frozen_by, reason, since'
const fromRow = ({ tenant, frozen_by, reason, since }: FreezeRow): Freeze => ({
  tenant,
  by: frozen_by,
  reason,
  since: since.getTime(),
})

/** The freeze that stops this tenant's actions; one for all tenants comes first. */
export async function activeFreeze(connection: Pool | PoolClient, tenant: string): Promise<Freeze | null> {
  const { rows } = await connection.query<FreezeRow>(
    `SELECT ${COLUMNS} FROM executor.freezes WHERE lifted_at IS NULL AND (tenant IS NULL OR tenant = $1)
     ORDER BY tenant NULLS FIRST LIMIT 1`,
    [tenant],
  )
  return rows[0] === undefined ? null : fromRow(rows[0])
}

export const wordsOfFreeze = ({ tenant, by, reason, since }: Freeze): string =>
  `${tenant === null ? 'all actions are' : `actions of ${tenant} are`} frozen since ${new Date(since).toISOString()} by ${by}: ${reason}`

export const createFreezes = (pool: Pool) => ({
  async active(): Promise<Freeze[]> {
    const { rows } = await pool.query<FreezeRow>(
      `SELECT ${COLUMNS} FROM executor.freezes WHERE lifted_at IS NULL ORDER BY tenant NULLS FIRST`,
    )
    return rows.map(fromRow)
  },

  /** False when already frozen: the first freeze keeps its reason. */
  async freeze({ tenant, by, reason }: Omit<Freeze, 'since'>): Promise<boolean> {
    const { rowCount } = await pool.query(
      `INSERT INTO executor.freezes (tenant, frozen_by, reason) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
      [tenant, by, reason],
    )
    return rowCount === 1
  },

  /** False when there was none. The freeze for all tenants and that of one tenant are lifted separately. */
  async lift({ tenant, by }: Pick<Freeze, 'tenant' | 'by'>): Promise<boolean> {
    const { rowCount } = await pool.query(
      `UPDATE executor.freezes SET lifted_by = $2, lifted_at = clock_timestamp()
       WHERE lifted_at IS NULL AND tenant IS NOT DISTINCT FROM $1`,
      [tenant, by],
    )
    return rowCount === 1
  },
})

export type Freezes = ReturnType<typeof createFreezes>
