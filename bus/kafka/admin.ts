import type { Admin } from 'kafkajs'
import { connect, type KafkaConnection } from './connection.ts'
import { within } from './within.ts'

export interface AdminLimits {
  limitMs: number
  retries: number
}

/** Work that failed or took too long may still have calls in flight; afterwards none of them holds a connection. */
export async function withAdmin<T>(
  connection: KafkaConnection,
  work: (admin: Admin) => Promise<T>,
  limits?: AdminLimits,
): Promise<T> {
  const ended = new AbortController()
  const kafka = connect(connection, ended.signal)
  const admin = kafka.admin(limits && { retry: { retries: limits.retries } })
  const done = admin.connect().then(() => work(admin))
  try {
    return await (limits ? within(limits.limitMs, done, `no answer within ${limits.limitMs / 1000} s`) : done)
  } catch (error) {
    // `disconnect` waits for calls in flight, up to a request's whole timeout
    ended.abort()
    throw error
  } finally {
    // what the work came to is known: it counts whether or not the connections end well
    await admin.disconnect().catch(() => undefined)
    ended.abort()
  }
}
