/** Lists the services that are measured in the topic. Who calls whom is not said there. */
import { answer } from '../../tools/answer.ts'
import type { ControlPlaneTool } from '../../tools/tools.ts'
import type { OtlpSource } from './source.ts'

export const servicesIn = (source: OtlpSource): Pick<ControlPlaneTool, 'resources'> => ({
  resources: ({ service }, { signal }) =>
    answer({ tool: 'otlp', operation: 'resources', query: 'services in otlp_metrics', range: null }, async () => {
      const owners = await source.owners(signal)
      const data = owners
        .filter((one) => service === null || one.service === service)
        .map((one) => ({ service_name: one.service, namespace: one.namespace, image_tag: null, replicas: null, depends_on: null })) // prettier-ignore
      return { data: data.length === 0 ? null : data, summary: `${data.length} services` }
    }),
})
