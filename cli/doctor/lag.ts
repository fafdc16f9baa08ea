/** Whether the components keep up with the bus. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Lag } from '../../bus/bus.ts'
import { type BusOptions, type Followed, lagOnKafka, lagOnPostgres } from '../../bus/create.ts'
import { within } from '../../bus/kafka/within.ts'
import { openPool } from '../../bus/postgres/pool.ts'
import { type Check, type Finding, notConfigured, ok } from './check.ts'
import { unreachable } from './dial.ts'
import { doctor as texts } from './texts.ts'

/** A group that is still as far behind after this time does not keep up. */
const AGAIN_MS = 2000
const LIMIT_MS = 9000

/** Null: no bus is configured. */
export const lagCheck = (options: BusOptions | null): Check => ({
  id: 'lag',
  async look() {
    if (options === null) return notConfigured('DATABASE_URL')
    const place = options.kind === 'kafka' ? 'kafka' : 'postgres'
    // that system's own check reports the error
    if (options.kind === 'kafka' && (await unreachable(options.brokers)) !== null) return texts.notChecked(place)
    return within(LIMIT_MS, judged(options), '').catch(() => texts.notChecked(place))
  },
})

async function judged(options: BusOptions): Promise<Finding> {
  const before = await lagOf(options)
  if (before.length === 0) return { state: 'not_checked', says: texts.noReaders }
  const waiting = before.filter(({ records }) => records > 0)
  if (waiting.length === 0) return ok(texts.caughtUp)
  await delay(AGAIN_MS)
  const after = await lagOf(options)
  const same = (one: Lag) => after.find(({ group, topic }) => group === one.group && topic === one.topic)
  const stuck = waiting.filter((one) => (same(one)?.records ?? 0) >= one.records)
  if (stuck.length === 0) return ok(texts.catchingUp)
  const details = stuck.map((one) => `${one.group}, ${one.topic}: ${same(one)?.records ?? one.records}`)
  return { state: 'warning', says: texts.behindOf(stuck.length), todo: texts.startReaders, details }
}

/** The agents' groups; the views' have a name that changes with each rebuild. */
async function lagOf(options: BusOptions): Promise<Lag[]> {
  const { topics } = options.contract
  const read = (agent: string, event: string) => topics.filter((one) => one.event === event).map(({ name }) => ({ group: `sre-${agent}`, topics: [name] })) // prettier-ignore
  const followed: Followed[] = [
    ...read('assistant', 'DiagnosisRequested'),
    ...read('assistant', 'ActionProposed'),
    ...read('assistant-cancel', 'DiagnosisCancelRequested'),
    ...read('postmortem', 'PostmortemRequested'),
    ...read('executor', 'ApprovalRequested'),
    ...read('executor', 'ApprovalDecided'),
  ]
  if (options.kind === 'kafka') return lagOnKafka(options, followed)
  const pool = openPool({ connectionString: options.databaseUrl, max: 1, connectionTimeoutMillis: LIMIT_MS })
  try {
    const { rows } = await pool.query<{ known: boolean }>(`SELECT to_regclass('bus.positions') IS NOT NULL AS known`)
    if (rows[0]?.known !== true) return []
    return await lagOnPostgres(pool, followed)
  } finally {
    await pool.end()
  }
}
