/**
 * The executor's signature. Each process generates a key that never leaves its memory, and stores the public key in the database before it signs.
 * Nothing needs to be configured, copied or rotated; a restart makes a new key.
 */
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose'
import type { Pool } from 'pg'
import type { Signer } from '../../schemas/signed.ts'
import { isStatement, signStatement, statementHeader } from '../../schemas/statement.ts'
import type { Agent } from '../runtime/agent.ts'

/** Signs events only the executor may publish, once their bytes are final. */
export function createSeal(pool: Pool): NonNullable<Agent['seal']> {
  let known: Promise<Signer> | null = null
  const signer = (): Promise<Signer> => {
    known ??= makeSigner(pool).catch((error: unknown) => {
      known = null
      throw error
    })
    return known
  }
  return async (event, record) => {
    if (!isStatement(event)) return record
    const statement = await signStatement(await signer(), event, record.value)
    return { ...record, headers: { ...record.headers, [statementHeader]: statement } }
  }
}

async function makeSigner(pool: Pool): Promise<Signer> {
  const { privateKey, publicKey } = await generateKeyPair('EdDSA')
  const jwk = await exportJWK(publicKey)
  const kid = await calculateJwkThumbprint(jwk)
  await pool.query(`INSERT INTO executor.statement_keys (kid, jwk) VALUES ($1, $2)`, [
    kid,
    JSON.stringify({ ...jwk, kid, use: 'sig', alg: 'EdDSA' }),
  ])
  return { privateKey, kid, alg: 'EdDSA' }
}
