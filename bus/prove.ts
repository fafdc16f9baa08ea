/** Whose fault it is that a schema cannot be had: an odd record's, or that of a store that has lost, or never had, what it should keep. */
import type { Schema } from 'avsc'
import { BusError } from './bus.ts'

interface Store {
  idOf(subject: string, schema: Schema): Promise<number>
}

interface Own {
  subject: string
  schema: Schema
}

/**
 * A store that knows our own schema works: then an unknown id is the record's fault. One that does not even know that is the wrong one, or
 * is empty: every record would fail as this one did. Throws `not_prepared`, or what the store throws. Records that ask together ask once.
 */
export function createProof(store: Store): (own: Own) => Promise<void> {
  const asking = new Map<string, Promise<void>>()
  return (own) => {
    const proof = asking.get(own.subject) ?? prove(store, own).finally(() => asking.delete(own.subject))
    asking.set(own.subject, proof)
    return proof
  }
}

async function prove(store: Store, { subject, schema }: Own): Promise<void> {
  try {
    await store.idOf(subject, schema)
  } catch (error) {
    if (!(error instanceof BusError) || error.code !== 'unknown_schema') throw error
    throw new BusError('not_prepared', `the schema store has neither the record's schema nor that of ${subject}: it is the wrong store or has lost its schemas (run sre schemas register)`, { cause: error }) // prettier-ignore
  }
}

/** Null and `undecodable` are a record's fault only where the store is proven to work. */
export async function foundOrProven<T>(looking: Promise<T | null>, prove: () => Promise<void>): Promise<T | null> {
  const found = await looking.catch(async (error: unknown) => {
    if (error instanceof BusError && error.code === 'undecodable') await prove()
    throw error
  })
  if (found === null) await prove()
  return found
}
