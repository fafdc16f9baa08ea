/** Decides why a schema was not found: the record carries a bad id, or the schema store is the wrong one or has lost its schemas. */
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
 * If the store knows our own schema it works, so an unknown id is the record's fault. If it does not know even that, it is the wrong store
 * or empty, and every record would fail. Then throws `not_prepared`, or the store's own error. Concurrent calls share one lookup.
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

/** Null and `undecodable` count as the record's fault only after the store is proven to work. */
export async function foundOrProven<T>(looking: Promise<T | null>, prove: () => Promise<void>): Promise<T | null> {
  const found = await looking.catch(async (error: unknown) => {
    if (error instanceof BusError && error.code === 'undecodable') await prove()
    throw error
  })
  if (found === null) await prove()
  return found
}
