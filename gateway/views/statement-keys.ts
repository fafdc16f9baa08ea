/** The public keys of the executors, as they keep them in the database: what they say is verified with these. */
import { type CryptoKey, errors, importJWK, type JWK } from 'jose'
import { LRUCache } from 'lru-cache'
import { DatabaseError, type Pool } from 'pg'
import type { KeySet } from '../../schemas/signed.ts'

/** undefined_table, invalid_schema_name, insufficient_privilege: what another part keeps is not in this database, or not for us. */
const notHere = new Set(['42P01', '3F000', '42501'])

/** Rows of a table of another part; null where it is not in this database. */
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

/** As many as a JWKS shows: a process makes one, and signs with it until it ends. */
const SHOWN = 100
const REMEMBERED = 1000

/** Newest first. */
export async function statementJwks(pool: Pool): Promise<{ keys: JWK[] }> {
  const statement = `SELECT jwk FROM executor.statement_keys ORDER BY created_at DESC LIMIT $1`
  const rows = await askElsewhere<{ jwk: JWK }>(pool, statement, [SHOWN])
  return { keys: (rows ?? []).map(({ jwk }) => jwk) }
}

/** A key that is not known yet is looked up: an executor that has just been started has a new one. */
export function statementKeys(pool: Pool): KeySet {
  const known = new LRUCache<string, CryptoKey>({ max: REMEMBERED })
  return async ({ kid = '' }) => {
    const found = known.get(kid)
    if (found !== undefined) return found
    const rows = await askElsewhere<{ jwk: JWK }>(pool, `SELECT jwk FROM executor.statement_keys WHERE kid = $1`, [kid])
    if (rows === null) throw new errors.JWKSNoMatchingKey('no executor keeps its keys in this database')
    if (rows[0] === undefined) throw new errors.JWKSNoMatchingKey('no executor has this key')
    const key = (await importJWK(rows[0].jwk, 'EdDSA')) as CryptoKey
    known.set(kid, key)
    return key
  }
}
