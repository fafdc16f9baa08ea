/** Whether Prometheus answers own PromQL of the anomaly agent, and about which services. */
import { asked, serviceOf } from '../../agents/anomaly/queries/queries.ts'
import type { Query } from '../../agents/anomaly/queries/read-queries.ts'
import { wordsOf } from '../../agents/tools/answer.ts'
import type { Config } from '../config.ts'
import { prometheusFrom } from '../serve/sources.ts'
import { LIMIT_MS } from '../serve/tool-checks.ts'
import { type Check, type Finding, notConfigured } from './check.ts'
import { doctor as texts } from './texts.ts'

const NAMED = 5

/** None, unless there are such queries. */
export const queriesChecks = (config: Config): Check[] => {
  const queries = config.ANOMALY_QUERIES_FILE
  return queries === undefined ? [] : [{ id: 'queries', look: () => look(config, queries) }]
}

async function look(config: Config, queries: readonly Query[]): Promise<Finding> {
  const http = prometheusFrom(config)
  if (http === null) return notConfigured('PROMETHEUS_URL')
  const now = Date.now()
  const signal = AbortSignal.timeout(LIMIT_MS)
  const found = await Promise.all(
    queries.map(async (query) => {
      try {
        const { points, warnings } = await asked(http, query, { start: now, end: now }, 1, { signal })
        const services = [...new Set(points.map((one) => serviceOf(one, query)))].filter((name) => name !== '')
        const of = services.length > NAMED ? [...services.slice(0, NAMED), '…'] : services
        return { state: services.length === 0 ? 'warning' : 'ok', line: `${query.name}: ${[`${points.length} series of ${of.join(', ') || 'no service'}`, ...warnings].join('; ')}` } as const // prettier-ignore
      } catch (error) {
        return { state: 'failed', line: `${query.name}: ${wordsOf(error)}` } as const
      }
    }),
  )
  const count = (wanted: Finding['state']): number => found.filter(({ state }) => state === wanted).length
  const details = found.map(({ line }) => line)
  if (count('failed') > 0) return { state: 'failed', says: texts.queriesFailed(count('failed'), queries.length), todo: texts.checkQueries, details } // prettier-ignore
  if (count('warning') > 0) return { state: 'warning', says: texts.queriesEmpty(count('warning'), queries.length), todo: texts.checkQueries, details } // prettier-ignore
  return { state: 'ok', says: texts.queriesAnswered(queries.length), details }
}
