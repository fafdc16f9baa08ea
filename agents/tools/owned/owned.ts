/** Restricts the tools to one tenant: other tenants' services are neither queried nor shown, as if they did not exist. */
import type { TimeRange } from '../../../analysis/observations.ts'
import type { Owned } from '../../../tenants/tenants.ts'
import { answer } from '../answer.ts'
import type { LogsTool, MetricsTool, Tools, TracesTool } from '../tools.ts'
import { kept, ownedControlPlane, type OwnsNamed } from './control-plane.ts'
import { notes, summaries } from '../notes.ts'

export function ownedTools(tools: Tools, owned: Owned): Tools {
  const { ownsNamed, ...controlPlane } = ownedControlPlane(tools.controlPlane, owned)
  return {
    metrics: ownedMetrics(tools.metrics, owned),
    logs: ownedLogs(tools.logs, owned),
    ...(tools.traces === undefined ? {} : { traces: ownedTraces(tools.traces, ownsNamed) }),
    controlPlane,
    // kept per tenant
    ...(tools.memory === undefined ? {} : { memory: tools.memory }),
  }
}

export const ownedMetrics = (tool: MetricsTool, owned: Owned): MetricsTool => ({
  goldenSignals: (query, context) =>
    owned.has(query.service, query.namespace ?? null)
      ? tool.goldenSignals(owned.byNamespace ? { ...query, strict: true } : query, context)
      : notAsked('golden-signals', `no metrics of ${query.service}`, query.range),
})

const ownedLogs = (tool: LogsTool, owned: Owned): LogsTool => ({
  logs: (query, context) =>
    owned.has(query.service, query.namespace ?? null)
      ? tool.logs(owned.byNamespace ? { ...query, strict: true } : query, context)
      : notAsked('logs', `no log of ${query.service}`, query.range),
})

/** A trace may pass through other tenants' services; the tenant sees its own spans only. */
const ownedTraces = (tool: TracesTool, ownsNamed: OwnsNamed): TracesTool => ({
  async traces(query, context) {
    const services = query.services === undefined ? undefined : await kept(query.services, (one) => ownsNamed(one, context)) // prettier-ignore
    if (services?.length === 0) return notAsked('traces', 'no traces in this time range', query.range)
    const found = await tool.traces(services === undefined ? query : { ...query, services }, context)
    if (found.status !== 'ok') return found
    const passed = [...new Set(found.data.spans.map(({ service }) => service))]
    const own = new Set(await kept(passed, (one) => ownsNamed(one, context)))
    if (own.size === passed.length) return found
    const spans = found.data.spans.filter(({ service }) => own.has(service))
    const traces = new Set(spans.map(({ traceId }) => traceId)).size
    if (traces === 0) return { ...found, status: 'no_data', summary: summaries.noTraces(), data: null }
    return {
      ...found,
      data: { spans, traces },
      summary: summaries.traces(traces, spans.length),
      warnings: [...found.warnings, notes.ownSpansOnly()],
    }
  },
})

const notAsked = (operation: string, summary: string, range: TimeRange) =>
  answer<never>({ tool: 'tenants', operation, query: '(not asked)', range }, () => Promise.resolve({ data: null, summary })) // prettier-ignore
