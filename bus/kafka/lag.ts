import type { Admin, Kafka } from 'kafkajs'
import { BusError, type Lag, type Subscription } from '../bus.ts'
import { withAdmin } from './admin.ts'
import type { KafkaConnection } from './connection.ts'
import { within } from './within.ts'
import { inWords } from './words.ts'

export type Followed = Pick<Subscription, 'group' | 'topics'>

const LIMIT_MS = 5000

/** Reads committed offsets and end offsets over one connection that is kept open. */
export function createLagReader(kafka: Kafka) {
  let connected: Promise<Admin> | null = null
  const admin = (): Promise<Admin> => {
    connected ??= (async () => {
      const one = kafka.admin({ retry: { retries: 1 } })
      await one.connect()
      return one
    })()
    connected.catch(() => (connected = null))
    return connected
  }
  const read = async (followed: readonly Followed[]): Promise<Lag[]> => {
    const client = await admin()
    return (await Promise.all(followed.map((one) => lagOf(client, one)))).flat()
  }
  return {
    async lag(followed: readonly Followed[]): Promise<Lag[]> {
      try {
        return await within(LIMIT_MS, read(followed), `no answer within ${LIMIT_MS / 1000} s`)
      } catch (error) {
        throw new BusError('unavailable', `Kafka: ${inWords(error)}`, { cause: error })
      }
    },
    close: async (): Promise<void> => {
      await connected?.then((one) => one.disconnect()).catch(() => undefined)
    },
  }
}

/** How far these groups are behind, without being subscribed. */
export const lagOnKafka = (connection: KafkaConnection, followed: readonly Followed[]): Promise<Lag[]> =>
  withAdmin(connection, async (admin) => (await Promise.all(followed.map((one) => lagOf(admin, one)))).flat())

async function lagOf(admin: Admin, { group, topics }: Followed): Promise<Lag[]> {
  const positions = await admin.fetchOffsets({ groupId: group, topics: [...topics] })
  return Promise.all(
    positions.map(async ({ topic, partitions }) => {
      const at = new Map(partitions.map(({ partition, offset }) => [partition, Number(offset)]))
      const ends = await admin.fetchTopicOffsets(topic)
      const behind = ends.map(({ partition, high, low }) => {
        const position = at.get(partition) ?? -1
        // a group without committed offsets starts at the oldest record
        return Math.max(0, Number(high) - (position < 0 ? Number(low) : position))
      })
      return { group, topic, records: behind.reduce((sum, one) => sum + one, 0) }
    }),
  )
}
