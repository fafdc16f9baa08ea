/** The executors' public keys, read from the database, for verifying their statements. */
import { type CryptoKey, errors, importJWK, type JWK } from 'jose'
import { LRUCache } from 'lru-cache'
import { DatabaseError, type Pool } from 'pg'
import type { KeySet } from '../../schemas/signed.ts'

/** undefined_table, invalid_schema_name, insufficient_privilege: the table is not in this database, or not readable. */
const notHere = new Set(['42P01', '3F000', '42501'])

/** Rows of a table that belongs to another component; null if it is not in this database. */
export async function askElsewhere<Row extends object>(
  pool: Pool,
  statement: string,
  values: unknown[],
): Promise<Row[] | null> {
  try {
    return (await pool.query<Row>(statement, values)).rows
  } catch (error) {
    if (error instanceof DatabaseError && notHere.has(error.code ?? '')) return null
    throw error
  }
}

/** Most keys in the JWKS; each executor process makes one key at start. */
const SHOWN = 100
const REMEMBERED = 1000

/** Newest first. */
export async function statementJwks(pool: Pool): Promise<{ keys: JWK[] }> {
  const statement = `SELECT jwk FROM executor.statement_keys ORDER BY created_at DESC LIMIT $1`
  const rows = await askElsewhere<{ jwk: JWK }>(pool, statement, [SHOWN])
  return { keys: (rows ?? []).map(({ jwk }) => jwk) }
}

/** Looks an unknown key up in the database, because a newly started executor has a new one. */
export function statementKeys(pool: Pool): KeySet {
  const known = new LRUCache<string, CryptoKey>({ max: REMEMBERED })
  return async ({ kid = '' }) => {
    const found = known.get(kid)
    if (found !== undefined) return found
    const rows = await askElsewhere<{ jwk: JWK }>(pool, `SELECT jwk FROM executor.statement_keys WHERE kid = $1`, [kid])
    if (rows === null) throw new errors.JWKSNoMatchingKey('this database has no executor keys')
    if (rows[0] === undefined) throw new errors.JWKSNoMatchingKey('no executor has this key id')
    const key = (await importJWK(rows[0].jwk, 'EdDSA')) as CryptoKey
    known.set(kid, key)
    return key
  }
}
