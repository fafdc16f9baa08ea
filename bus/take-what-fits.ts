/** For handlers that write records to a database: a record the database refuses is dead-lettered on its own and never blocks the partition. */
import { DatabaseError } from 'pg'
import type { Received, Rejection } from './bus.ts'

/** PostgreSQL error classes caused by the data: invalid value, constraint, too long for an index. */
const IN_THE_DATA = /^(22|23|54)/

export const isInTheData = (error: unknown): boolean =>
  error instanceof DatabaseError && IN_THE_DATA.test(error.code ?? '')

/** `take` must be idempotent: a refused batch is retried one record at a time. */
export async function takeWhatFits(
  records: readonly Received[],
  code: string,
  take: (records: readonly Received[]) => Promise<unknown>,
): Promise<Rejection[]> {
  try {
    await take(records)
    return []
  } catch (error) {
    if (!isInTheData(error)) throw error
    const [received] = records
    if (received !== undefined && records.length === 1)
      return [{ received, code, reason: (error as DatabaseError).message }]
    const alone: Rejection[] = []
    for (const record of records) alone.push(...(await takeWhatFits([record], code, take)))
    return alone
  }
}
