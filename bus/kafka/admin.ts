import type { Admin } from 'kafkajs'
import { connect, type KafkaConnection } from './connection.ts'

export async function withAdmin<T>(connection: KafkaConnection, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = connect(connection).admin()
  await admin.connect()
  try {
    return await work(admin)
  } finally {
    await admin.disconnect()
  }
}
