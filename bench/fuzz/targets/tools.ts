/** The tools against hostile sources: `ok`, `no_data` or `failed`, with query and reason; always `failed` if the source never gives a valid response. */
import { liveControlPlane } from '../../../agents/tools/control-plane/control-plane.ts'
import { createHttp } from '../../../agents/tools/http.ts'
import { lokiLogs } from '../../../agents/tools/loki/loki.ts'
import { prometheusMetrics } from '../../../agents/tools/prometheus/prometheus.ts'
import { redactValue } from '../../../agents/runtime/redaction.ts'
import type { ToolResult } from '../../../agents/runtime/tool-result.ts'
import type { LogsAnswer, MetricsAnswer, TracesAnswer } from '../../../agents/tools/tools.ts'
import { jaeger } from '../../../agents/tools/traces/jaeger.ts'
import { tempo } from '../../../agents/tools/traces/tempo.ts'
import { liveTraces } from '../../../agents/tools/traces/traces.ts'
import { zipkin } from '../../../agents/tools/traces/zipkin.ts'
import { asked } from '../answers.ts'
import type { Target } from '../runner.ts'
import { type Harm, harmfulSource } from '../source.ts'

interface Input {
  tool: string
  harm: Harm
}

const context = { signal: new AbortController().signal }

export async function open(): Promise<Target<Input>> {
  const source = await harmfulSource()
  const tools = toolsAt(source.url)
  const names = Object.keys(tools)
  return {
    make: (chance) => ({
      tool: chance.pick(names),
      harm: { seed: chance.below(2 ** 31), changed: chance.pick([0, 0.5, 1]), broken: chance.pick([0, 0, 0, 0.05, 1]) },
    }),
    async attempt({ tool, harm }) {
      source.harm = harm
      const result = await tools[tool]!()
      check(result, harm)
      return `${tool}: ${result.status}`
    },
    close: () => source.close(),
  }
}

/** New tools per query, because they cache what they learned about a source. */
function toolsAt(baseUrl: string): Record<string, () => Promise<ToolResult<unknown>>> {
  const http = createHttp({ baseUrl, timeoutMs: 10_000, retries: 0 })
  const traces = { services: ['cart', 'frontend'], ...asked, limit: 50 }
  const control = liveControlPlane(http)
  return {
    prometheus: () => prometheusMetrics({ http }).goldenSignals({ service: 'cart', ...asked }, context),
    loki: () => lokiLogs({ http }).logs({ service: 'cart', ...asked, limit: 100 }, context),
    zipkin: () => liveTraces({ source: zipkin(http) }).traces(traces, context),
    jaeger: () => liveTraces({ source: jaeger(http) }).traces(traces, context),
    tempo: () => liveTraces({ source: tempo(http) }).traces(traces, context),
    'audit logs': () => control.auditLogs({ services: ['cart', 'payment'], range: asked.range }, context),
    alerts: () => control.alerts({ range: asked.range }, context),
    resources: () => control.resources({ service: null }, context),
    incident: () => control.incident('1', context),
    deployment: () => control.deployment('1', context),
  }
}

function check(result: ToolResult<unknown>, { broken }: Harm): void {
  const wrong = (what: string): never => {
    throw new Error(`${what}: ${JSON.stringify(result).slice(0, 4000)}`)
  }
  if (!['ok', 'no_data', 'failed'].includes(result.status)) wrong('no such status')
  if (result.query === '' || result.summary === '') wrong('no query or summary')
  if (result.status === 'failed' && result.error === '') wrong('no reason')
  if (broken === 1 && result.status !== 'failed') wrong('nothing was answered')
  if (JSON.stringify(result).length > 5_000_000) wrong('too much')
  redactValue(result)
  if (result.status !== 'ok') return
  if (result.tool === 'prometheus' && !isMetrics(result.data as MetricsAnswer)) wrong('no series')
  if (result.tool === 'loki' && !isLogs(result.data as LogsAnswer)) wrong('no lines')
  if (result.operation === 'traces' && !isTraces(result.data as TracesAnswer)) wrong('no spans')
}

const isNear = (instant: unknown, beyondMs: number): boolean =>
  typeof instant === 'number' && instant >= asked.baseline.start - beyondMs && instant <= asked.range.end + beyondMs

const isMetrics = ({ series, comparison }: MetricsAnswer): boolean =>
  series.every(
    ({ times, values }) =>
      times.length === values.length &&
      times.every((time, at) => isNear(time, 1) && (at === 0 || time > times[at - 1]!)) &&
      values.every(Number.isFinite),
  ) && comparison.every(({ before, during }) => [before, during].every((one) => one === null || Number.isFinite(one)))

const isLogs = ({ lines, levels }: LogsAnswer): boolean =>
  lines.every(({ timestamp, message }) => isNear(timestamp, 1) && typeof message === 'string') &&
  Object.values(levels).reduce((sum, count) => sum + count, 0) === lines.length

const isTraces = ({ spans }: TracesAnswer): boolean =>
  spans.every(({ start, end }) => isNear(start, 86_400_000) && isNear(end, 86_400_000))
