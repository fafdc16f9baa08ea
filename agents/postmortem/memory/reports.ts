/** Keeps the postmortems of the topics and what people made of them, for the memory. */
import type { Pool } from 'pg'
import type { Bus, Consumption, Observer, Received } from '../../../bus/bus.ts'
import { takeWhatFits } from '../../../bus/take-what-fits.ts'
import type { Contract } from '../../../schemas/contract.ts'
import type { EventName } from '../../../schemas/events.generated.ts'
import { type Forget, forgetRows } from '../../runtime/retention.ts'

export const REPORTS_GROUP = 'sre-postmortem-reports'
export const reportEvents = ['PostmortemCompleted', 'PostmortemRevised'] as const satisfies readonly EventName[]

type Told = Extract<Received, { event: (typeof reportEvents)[number] }>

interface Following {
  bus: Bus
  contract: Contract
  pool: Pool
  observer: Observer
}

/** Reads the topics from their beginning. */
export const followReports = ({ bus, contract, pool, observer }: Following): Promise<Consumption> =>
  bus.subscribe({
    group: REPORTS_GROUP,
    consumer: 'postmortem',
    topics: reportEvents.map((event) => contract.topicOf(event).name),
    observer,
    handle: (records) =>
      takeWhatFits(records, 'cannot_be_kept', async (some) => {
        for (const one of some as readonly Told[]) await keepReport(pool, one)
      }),
  })

/** Safe to repeat, in any order: the highest revision counts, and of two edits with the same number the earlier. */
export async function keepReport(pool: Pool, { event, value }: Pick<Told, 'event' | 'value'>): Promise<void> {
  const [body, number] = event === 'PostmortemCompleted' ? ['completed', 'revision'] : ['revised', 'edit']
  const nth = 'edit' in value ? value.edit : value.revision
  await pool.query(
    `WITH kept AS (
       INSERT INTO postmortem.reports AS known (tenant, postmortem_id, ${number}, ${body}) VALUES ($1, $2, $3, $4)
       ON CONFLICT (tenant, postmortem_id) DO UPDATE SET ${number} = excluded.${number}, ${body} = excluded.${body}, kept_at = clock_timestamp()
       WHERE known.${number} IS NULL OR known.${number} < excluded.${number} RETURNING tenant, postmortem_id)
     INSERT INTO postmortem.to_remember AS known (tenant, kind, id) SELECT tenant, 'report', postmortem_id FROM kept
     ON CONFLICT (tenant, kind, id) DO UPDATE SET told = known.told + 1, due_at = clock_timestamp(), told_at = clock_timestamp()`,
    [value.tenant, value.postmortem_id, nth, JSON.stringify(value)],
  )
}

export const forgetReports = (pool: Pool): Forget[] =>
  ['reports WHERE kept_at', 'to_remember WHERE told_at'].map((old) => {
    const [table] = old.split(' ')
    return forgetRows(pool, `DELETE FROM postmortem.${table} WHERE ctid = ANY(ARRAY(SELECT ctid FROM postmortem.${old} < $1 LIMIT $2))`) // prettier-ignore
  })
