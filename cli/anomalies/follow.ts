/** `sre anomalies --watch`: prints the open anomalies, and then each change. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Anomaly } from '../../gateway/api.generated.ts'
import { type ClientContext, CommandError } from '../login/context.ts'
import { GatewayAwayError, type GatewayClient } from '../login/gateway-client.ts'
import { asking } from '../texts.ts'
import { announcement } from './render.ts'
import { listing as texts } from './texts.ts'

/** ms between two looks: far from the limit on reading, and as often as the agent judges */
const POLL_MS = 2000
/** looks in vain until it gives up: 30 s */
const PATIENCE = 15

/** Anomalies by id, as the last look found them. */
type Known = ReadonlyMap<string, Anomaly>

/** Runs until the gateway refuses, or cannot be reached for 30 s: then it throws a `CommandError`. `filter`: service and severity. */
export async function follow(
  context: ClientContext,
  client: Pick<GatewayClient, 'ask'>,
  filter: URLSearchParams,
  { json, pollMs = POLL_MS }: { json: boolean; pollMs?: number },
): Promise<never> {
  let known: Known | null = null
  for (let lost = 0; ; await sleep(pollMs)) {
    try {
      const items = await openAndLatest(client, filter)
      const changed = newsIn([...items, ...(await gone(client, items, known))], known)
      if (known === null && !json) context.note(texts.watching(changed.length)[context.language])
      changed.forEach(tell)
      known = new Map(items.map((one) => [one.anomaly_id, one]))
      lost = 0
    } catch (error) {
      lost += 1
      if (!(error instanceof GatewayAwayError) || lost > PATIENCE) throw error
      if (lost === 1) context.note(asking.lost[context.language])
    }
  }

  function tell(anomaly: Anomaly): void {
    if (json) context.print(JSON.stringify(anomaly))
    else announcement({ ...anomaly, at: anomaly.updated_at }, context.language).forEach(context.print)
  }
}

/** Open ones come first: the pages up to the first that is not full of them. */
async function openAndLatest(client: Pick<GatewayClient, 'ask'>, filter: URLSearchParams): Promise<Anomaly[]> {
  const found: Anomaly[] = []
  for (let page = 1; ; page += 1) {
    const query = new URLSearchParams([...filter, ['page_size', '100']])
    if (page > 1) query.set('page', String(page))
    const { items, pagination } = await client.ask('listAnomalies', { method: 'GET', path: `/anomalies?${query}` })
    for (const one of items) found.push(one)
    if (items.at(-1)?.state !== 'open' || page >= pagination.total_pages) return found
  }
}

/** What was open and is no longer on these pages, as it is now: closed long after it began, or of another severity. */
async function gone(client: Pick<GatewayClient, 'ask'>, items: readonly Anomaly[], known: Known | null) {
  const listed = new Set(items.map(({ anomaly_id }) => anomaly_id))
  const missing = [...(known ?? new Map<string, Anomaly>()).values()].filter(
    ({ anomaly_id, state }) => state === 'open' && !listed.has(anomaly_id),
  )
  const found = missing.map(({ anomaly_id: id }) =>
    client.ask('getAnomaly', { method: 'GET', path: `/anomalies/${id}` }).catch(orNone),
  )
  return (await Promise.all(found)).flat()
}

/** Its retention is over. */
function orNone(error: unknown): [] {
  if (error instanceof CommandError && error.code === 'RESOURCE_NOT_FOUND') return []
  throw error
}

/** What the last look did not find as it is now, in the order of its announcements. At the first look: what is open. */
export function newsIn(items: readonly Anomaly[], known: Known | null): Anomaly[] {
  const latest = [...(known?.values() ?? [])].reduce((last, { updated_at: at }) => (at > last ? at : last), '')
  const isNews = (one: Anomaly): boolean => {
    const before = known?.get(one.anomaly_id)
    if (before !== undefined) return before.updated_at !== one.updated_at || before.state !== one.state
    // an old one may only have come onto a page
    return one.state === 'open' || (known !== null && one.updated_at > latest)
  }
  return items.filter(isNews).toSorted((one, other) => one.updated_at.localeCompare(other.updated_at))
}
