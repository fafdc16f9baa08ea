/** Stands in for a missing control-plane: services come from the metrics; alerts and dependencies are unknown, and so are changes, unless the bus has them (`changes/`). */
import type { TimeRange } from '../../analysis/observations.ts'
import { answer } from './answer.ts'
import type { Http } from './http.ts'
import { getWherePostIsRefused } from './prometheus/get-where-post-is-refused.ts'
import { metricsSeen } from './prometheus/metrics-seen.ts'
import type { Mapping } from './prometheus/resolve.ts'
import { servicesIn } from './prometheus/services.ts'
import { bounded } from './question.ts'
import type { ControlPlaneTool, Resource } from './tools.ts'
import { summaries } from './notes.ts'

/** `http` null: there is no metrics source either. `now` in ms: services of the hour before it are listed. */
export function withoutControlPlane(given: {
  http: Http | null
  mapping?: Mapping
  now?: () => number
}): ControlPlaneTool {
  const { mapping = {}, now = Date.now } = given
  const http = given.http === null ? null : getWherePostIsRefused(given.http)
  const seen = http === null ? null : metricsSeen(http)
  return {
    resources: ({ service }, context) => {
      const end = Math.floor(now() / MINUTE_MS) * MINUTE_MS
      const range = { start: end - HOUR_MS, end: end + MINUTE_MS }
      if (http === null || seen === null) return notKept('resources', 'services', null)
      const asked = { tool: 'prometheus', operation: 'resources', query: 'services under any known convention', range }
      return answer(asked, () =>
        bounded(context, async (own) => {
          const { services, warnings } = await servicesIn(http, { mapping, range }, seen, own)
          const found = services.filter((one) => service === null || one.service === service).map(resourceOf)
          return { data: found.length === 0 ? null : found, summary: summaries.services(found.length), warnings }
        }),
      )
    },
    auditLogs: ({ range }) => notKept('audit-logs', 'changes', range),
    alerts: ({ range }) => notKept('alerts', 'alerts', range),
    resolvedIncidents: ({ range }) => notKept('incidents', 'incidents', range),
    incident: () => notKept('incident', 'incidents', null),
    deployment: () => notKept('deployment', 'deployments', null),
  }
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

const resourceOf = ({ service, namespace }: { service: string; namespace: string | null }): Resource => ({
  ...{ service_name: service, namespace, image_tag: null, replicas: null, depends_on: null },
})

const notKept = (operation: string, what: string, range: TimeRange | null) =>
  answer<never>({ tool: 'control-plane', operation, query: '(not asked)', range }, () =>
    Promise.resolve({ data: null, summary: summaries.noControlPlane(what) }),
  )
