import type { Recording } from '../../../recording/read.ts'
import { answer } from '../answer.ts'
import {
  isFiringAt,
  parseAlert,
  parseAuditLog,
  parsedEach,
  parseDeployment,
  parseIncident,
} from '../control-plane/parse.ts'
import type { ControlPlaneTool, Resource } from '../tools.ts'
import { type RecordingSource, unreadOf } from './source.ts'
import { summaries } from '../notes.ts'

const TOOL = 'recording'

/** The control-plane's recorded answers; an absent file is `no_data`. */
export const recordedControlPlane = (source: RecordingSource): ControlPlaneTool => ({
  auditLogs: ({ services, range }) =>
    answer(
      { tool: TOOL, operation: 'audit-logs', query: `changes.json service=${services.join('|')}`, range },
      async () => {
        const recording = await source.read()
        const { changes } = recording.documents
        const { items, ...said } = parsedEach(changes ?? [], parseAuditLog)
        const found = items.filter(
          (item) =>
            (item.service_name === '' || services.includes(item.service_name)) &&
            item.timestamp >= range.start &&
            item.timestamp <= range.end,
        )
        return changes === null
          ? nothing('changes.json')
          : { data: found, summary: summaries.changes(found.length), ...lacking(recording, 'changes.json', said) }
      },
    ),

  incident: (id) =>
    answer({ tool: TOOL, operation: 'incident', query: `incidents.json id=${id}`, range: null }, async () => {
      const found = (await source.read()).documents.incidents?.find((incident) => incident.id === id)
      return found === undefined
        ? nothing(`an incident ${id}`)
        : { data: parseIncident(found), summary: `incident ${id}` }
    }),

  resolvedIncidents: ({ range }) =>
    answer({ tool: TOOL, operation: 'incidents', query: 'incidents.json', range }, async () => {
      const recording = await source.read()
      const { incidents } = recording.documents
      const { items, ...said } = parsedEach(incidents ?? [], parseIncident)
      const over = items.filter(({ ended_at }) => ended_at !== undefined && ended_at >= range.start && ended_at <= range.end) // prettier-ignore
      return incidents === null
        ? nothing('incidents.json')
        : { data: over, summary: summaries.incidents(over.length), ...lacking(recording, 'incidents.json', said) } // prettier-ignore
    }),

  alerts: ({ range }) =>
    answer({ tool: TOOL, operation: 'alerts', query: 'alerts.json', range }, async () => {
      const recording = await source.read()
      const { alerts } = recording.documents
      const { items, ...said } = parsedEach(alerts ?? [], parseAlert)
      const found = items.filter(
        (alert) => alert.started_at <= range.end && (alert.started_at >= range.start || isFiringAt(range.end, alert)),
      )
      return alerts === null
        ? nothing('alerts.json')
        : { data: found, summary: summaries.alerts(found.length), ...lacking(recording, 'alerts.json', said) }
    }),

  deployment: (id) =>
    answer({ tool: TOOL, operation: 'deployment', query: `deployments.json id=${id}`, range: null }, async () => {
      const found = (await source.read()).documents.deployments?.find((deployment) => deployment.id === id)
      return found === undefined
        ? nothing(`a deployment ${id}`)
        : { data: parseDeployment(found), summary: `deployment ${id}` }
    }),

  resources: ({ service }) =>
    answer(
      { tool: TOOL, operation: 'resources', query: `graph.json service=${service ?? '*'}`, range: null },
      async () => {
        const recording = await source.read()
        const { observations } = recording
        const names = new Set([
          ...observations.series.map((series) => series.service),
          ...observations.logs.map((line) => line.service),
          ...observations.edges.flatMap(({ from, to }) => [from, to]),
        ])
        const calls = Map.groupBy(observations.edges, ({ from }) => from)
        const found = [...names]
          .filter((name) => service === null || name === service)
          .map((name): Resource => ({
            service_name: name,
            namespace: source.namespace,
            image_tag: null,
            replicas: null,
            depends_on: observations.edges.length === 0 ? null : (calls.get(name) ?? []).map(({ to }) => to),
          }))
        return found.length === 0
          ? nothing('such a service')
          : { data: found, summary: summaries.services(found.length), warnings: unreadOf(recording, 'graph.json') }
      },
    ),
})

/** What was left out when the file was read and when its items were parsed. */
function lacking(recording: Recording, name: string, said: { warnings: readonly string[]; incomplete: boolean }) {
  const unread = unreadOf(recording, name)
  return { warnings: [...unread, ...said.warnings], incomplete: said.incomplete || unread.length > 0 }
}

const nothing = (what: string) => ({ data: null, summary: summaries.noneRecorded(what.replace(/^an? /, '')) })
