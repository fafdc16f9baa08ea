/** Restricts the control-plane to one tenant's services. It may know the services of all tenants, often by name alone. */
import type { Owned } from '../../../tenants/tenants.ts'
import type { ToolResult } from '../../runtime/tool-result.ts'
import type { CallContext, ControlPlaneTool, Deployment, FiringAlert, Incident, Resource } from '../tools.ts'
import { summaries } from '../notes.ts'

/** Whether every service of this name belongs to the tenant. */
export type OwnsNamed = (service: string, context: CallContext) => Promise<boolean>

/** One per run: it queries once which namespaces have a service of a given name, if ownership depends on that. */
export function ownedControlPlane(tool: ControlPlaneTool, owned: Owned): ControlPlaneTool & { ownsNamed: OwnsNamed } {
  let asked: Promise<readonly Resource[]> | undefined
  const everything = (context: CallContext) =>
    (asked ??= tool.resources({ service: null }, context).then(({ data }) => data ?? []))
  const namesakes = async (service: string, context: CallContext) =>
    (await everything(context)).filter(({ service_name }) => service_name === service)

  const ownsNamed: OwnsNamed = async (service, context) => {
    if (!owned.byNamespace) return owned.has(service, null)
    const all = await namesakes(service, context)
    return all.length > 0 && all.every(isOwn)
  }
  const isOwn = ({ service_name, namespace }: Resource) => owned.has(service_name, namespace)
  const ownsTold = ({ service_name, namespace }: Told, context: CallContext) =>
    namespace === null ? ownsNamed(service_name, context) : Promise.resolve(owned.has(service_name, namespace))

  /** A known service belongs to its owner; an unknown one is judged by the caller's namespace. */
  async function ownsCallee(service: string, caller: Resource, context: CallContext): Promise<boolean> {
    const all = owned.byNamespace ? await namesakes(service, context) : []
    return all.length > 0 ? all.some(isOwn) : owned.has(service, caller.namespace)
  }

  async function withOwnCallees(resource: Resource, context: CallContext): Promise<Resource> {
    const { depends_on: all } = resource
    if (all === null) return resource
    const depends_on = await kept(all, (service) => ownsCallee(service, resource, context))
    const outside = all.length - depends_on.length
    return outside === 0 ? resource : { ...resource, depends_on, outside }
  }

  /** An unknown id and another tenant's id get the same answer. */
  async function one<T>(found: ToolResult<T>, what: string, isTold: (data: T) => Promise<boolean>) {
    if (found.status === 'failed' || (found.status === 'ok' && (await isTold(found.data)))) return found
    return { ...found, status: 'no_data' as const, summary: `no ${what}`, data: null }
  }

  return {
    ownsNamed,
    async auditLogs({ services, range }, context) {
      const own = await kept(services, (service) => ownsNamed(service, context))
      const found = await tool.auditLogs({ services: own, range }, context)
      if (found.status !== 'ok') return found
      const data = await kept(found.data, ({ service_name }) => ownsNamed(service_name, context))
      return { ...found, data, summary: summaries.changes(data.length) }
    },

    incident: async (id, context) =>
      one<Incident>(await tool.incident(id, context), `incident ${id}`, ({ service_name }) =>
        ownsNamed(service_name, context),
      ),

    async resolvedIncidents(query, context) {
      const found = await tool.resolvedIncidents(query, context)
      if (found.status !== 'ok') return found
      const data = await kept(found.data, ({ service_name }) => ownsNamed(service_name, context))
      return { ...found, data, summary: summaries.incidents(data.length) }
    },

    async alerts(query, context) {
      const found = await tool.alerts(query, context)
      if (found.status !== 'ok') return found
      const data = await kept(found.data, (alert) => ownsTold(placed(alert), context))
      return { ...found, data, summary: summaries.alerts(data.length) }
    },

    deployment: async (id, context) =>
      one<Deployment>(await tool.deployment(id, context), `deployment ${id}`, (told) => ownsTold(told, context)),

    async resources(query, context) {
      const found = await tool.resources(query, context)
      if (found.status !== 'ok') return found
      const own = found.data.filter(isOwn)
      // an action would name the service by its name alone
      if (query.service !== null && own.length > 0 && own.length < found.data.length)
        return unclear(found, `several services are named ${query.service}`)
      const data = await Promise.all(own.map((resource) => withOwnCallees(resource, context)))
      return data.length === 0
        ? { ...found, status: 'no_data', summary: summaries.services(0), data: null }
        : { ...found, data, summary: summaries.services(data.length) }
    },
  }
}

type Told = Pick<Deployment, 'service_name' | 'namespace'>

const placed = ({ service_name, labels }: FiringAlert): Told => ({
  service_name,
  namespace: labels['namespace'] ?? null,
})

const unclear = (found: ToolResult<Resource[]>, error: string): ToolResult<Resource[]> => ({
  ...found,
  ...{ status: 'failed', summary: error, error, data: null },
})

export async function kept<T>(all: readonly T[], holds: (one: T) => Promise<boolean>): Promise<T[]> {
  const held = await Promise.all(all.map(holds))
  return all.filter((_one, index) => held[index])
}
