/** Wakes consumers when records are published on their topics. */
import { Client } from 'pg'

/** The NOTIFY channel of the SQL function `bus.append`. Payload: topics separated by commas; empty means all topics. */
const WAKE_CHANNEL = 'sre_bus'

/** Wake-up signal of one consumer. */
export interface Bell {
  /** number of rings so far */
  rung(): number
  /** settles once `rung()` exceeds `heard`, or after `ms` */
  wait(ms: number, heard: number): Promise<void>
  ring(): void
  /** unregisters the bell */
  remove(): void
}

export interface Bells {
  of(topics: readonly string[]): Bell
  close(): Promise<void>
}

/** One LISTEN connection shared by all consumers of a bus, opened with the first one. If it is lost, consumers still poll once a second. */
export function createBells(databaseUrl: string): Bells {
  const bells = new Map<Bell, ReadonlySet<string>>()
  let client: Client | null = null
  let closed = false

  const ring = (said: string | undefined) => {
    const named = said === undefined || said === '' ? null : said.split(',')
    for (const [bell, topics] of bells) if (named?.some((topic) => topics.has(topic)) ?? true) bell.ring()
  }
  const listen = () => {
    if (client !== null || closed) return
    const mine = new Client({ connectionString: databaseUrl, application_name: 'sre-bus-listen' })
    client = mine
    const lost = () => {
      if (client !== mine) return
      client = null
      void mine.end().catch(() => undefined)
      setTimeout(listen, 1000).unref()
    }
    mine.on('error', lost)
    mine.on('end', lost)
    mine.on('notification', ({ payload }) => ring(payload))
    mine.connect().then(() => mine.query(`LISTEN ${WAKE_CHANNEL}`)).catch(lost) // prettier-ignore
  }
  return {
    of(topics) {
      const bell = createBell(() => bells.delete(bell))
      bells.set(bell, new Set(topics))
      listen()
      return bell
    },
    async close() {
      closed = true
      const mine = client
      client = null
      ring(undefined)
      await mine?.end().catch(() => undefined)
    },
  }
}

function createBell(remove: () => void): Bell {
  let rung = 0
  let wake = () => undefined as void
  return {
    remove,
    rung: () => rung,
    ring() {
      rung++
      wake()
    },
    wait: (ms, heard) =>
      new Promise((resolve) => {
        if (rung > heard) return resolve()
        const timer = setTimeout(() => wake(), ms)
        wake = () => {
          clearTimeout(timer)
          resolve()
        }
      }),
  }
}
