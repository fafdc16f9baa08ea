import type { Pool, QueryResultRow } from 'pg'
import { z } from 'zod'
import { instantOf } from '../../../gateway/instant.ts'

export const paging = {
  page: z.coerce.number().int().min(1).max(100_000).default(1),
  page_size: z.coerce.number().int().min(1).max(100).default(50),
}

/** RFC 3339, as the gateway accepts it */
export const instant = z
  .string()
  .refine((text) => !Number.isNaN(instantOf(text)))
  .transform((text) => new Date(instantOf(text)))

/** Filters of a query; one with an undefined value does not apply. */
export type Conditions = readonly (readonly [sql: string, value: unknown])[]

/** One page, newest first. `?` in a condition's `sql` stands for its value; `order` is a column. */
export async function listPage<Row extends QueryResultRow, Item>(
  pool: Pool,
  options: { table: string; order: string; conditions: Conditions; page: number; page_size: number },
  item: (row: Row) => Item,
) {
  const given = options.conditions.filter(([, value]) => value !== undefined)
  const where = given.map(([sql], index) => sql.replaceAll('?', `$${index + 1}`)).join(' AND ') || 'true'
  const values = given.map(([, value]) => value)
  const from = `FROM control_plane.${options.table} WHERE ${where}`
  const limits = [options.page_size, (options.page - 1) * options.page_size]
  const { rows } = await pool.query<Row>(
    `SELECT * ${from} ORDER BY ${options.order} DESC, id DESC LIMIT $${values.length + 1} OFFSET $${values.length + 2}`,
    [...values, ...limits],
  )
  const counted = await pool.query<{ total: number }>(`SELECT count(*)::int AS total ${from}`, values)
  const { page, page_size } = options
  return { items: rows.map(item), pagination: { page, page_size, total: counted.rows[0]?.total ?? 0 } }
}
