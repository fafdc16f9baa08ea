/** Points from `query_range`: never more than the server gives, what is not a number left out and told. */
import { z } from 'zod'
import type { TimeRange } from '../../../analysis/observations.ts'
import { parsed } from '../answer.ts'
import type { Http } from '../http.ts'
import type { CallContext } from '../tools.ts'

/** Prometheus refuses more points a series. */
const MAX_POINTS = 11_000
const USUAL_POINTS = 720

export interface Points {
  labels: Readonly<Record<string, string>>
  /** ms since the epoch, ascending */
  times: number[]
  values: number[]
}

const matrix = z.looseObject({
  data: z.looseObject({
    result: z.array(
      z.looseObject({
        metric: z.record(z.string(), z.string()),
        values: z.array(z.tuple([z.number(), z.string()])).default([]),
      }),
    ),
  }),
  warnings: z.array(z.string()).optional(),
  infos: z.array(z.string()).optional(),
})

/** s between points: as asked, and never more points than the server answers. */
export function stepOf({ start, end }: TimeRange, asked?: number): number {
  const seconds = (end - start) / 1000
  const least = Math.ceil(seconds / (MAX_POINTS - 1))
  return Math.max(asked ?? Math.ceil(seconds / USUAL_POINTS), least, 1)
}

/** Series without any number are left out; `warnings`: what the server said, and what was left out. */
export async function queryRange(
  http: Http,
  { promql, range, stepS }: { promql: string; range: TimeRange; stepS: number },
  context: CallContext,
): Promise<{ points: Points[]; warnings: string[] }> {
  const form = { query: promql, start: range.start / 1000, end: range.end / 1000, step: stepS }
  const body = await http.json({ path: 'api/v1/query_range', form }, context)
  const { data, warnings = [], infos = [] } = parsed(matrix, 'the points of a query', body)
  const said = [...warnings, ...infos]
  const points = data.result.map(({ metric, values }): Points => {
    const numbers = values.map(([time, value]) => [time * 1000, Number(value)] as const)
    const finite = numbers.filter(([, value]) => Number.isFinite(value))
    const infinite = values.filter(([, value]) => value.endsWith('Inf')).length
    if (infinite > 0) said.push(`${infinite} infinite samples were left out of ${promql}`)
    return { labels: metric, times: finite.map(([time]) => time), values: finite.map(([, value]) => value) }
  })
  return { points: points.filter(({ times }) => times.length > 0), warnings: said }
}
