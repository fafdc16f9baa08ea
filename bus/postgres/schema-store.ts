import { createHash } from 'node:crypto'
import avsc from 'avsc'
import type { Schema } from 'avsc'
import type { Pool } from 'pg'
import type { Contract } from '../../schemas/contract.ts'
import { BusError } from '../bus.ts'
import type { SchemaStore } from '../codec.ts'

/** The schema store in the bus database; records carry its ids. */
export const createSchemaStore = (pool: Pool): SchemaStore => ({
  async idOf(subject, schema) {
    const { rows } = await pool.query<{ id: number }>(
      `SELECT id FROM bus.schemas WHERE subject = $1 AND fingerprint = $2`,
      [subject, fingerprint(schema)],
    )
    if (rows[0] === undefined)
      throw new BusError('unknown_schema', `the schema of ${subject} is not registered: run sre schemas register`)
    return rows[0].id
  },
  async schemaOf(id) {
    const { rows } = await pool.query<{ schema: Schema }>(`SELECT schema FROM bus.schemas WHERE id = $1`, [id])
    return rows[0]?.schema ?? null
  },
})

export async function registerSchemas(pool: Pool, contract: Contract): Promise<void> {
  for (const topic of contract.topics) {
    await pool.query(
      `INSERT INTO bus.schemas (subject, fingerprint, schema) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
      [topic.subject, fingerprint(topic.schema), JSON.stringify(topic.schema)],
    )
  }
}

/** Hash of the whole schema, docs and defaults included, so that any change gets its own id. */
const fingerprint = (schema: Schema): string =>
  createHash('sha256')
    .update(JSON.stringify(avsc.Type.forSchema(structuredClone(schema)).schema({ exportAttrs: true })))
    .digest('hex')
