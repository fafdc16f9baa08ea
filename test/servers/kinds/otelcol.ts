import { startContainer } from '../docker/container.ts'
import {
  type Collector,
  collectorBinary,
  type CollectorOptions,
  onFreePorts,
  startCollector,
  takesOtlp,
} from '../local/otelcol.ts'
import { lacking } from '../local/toolchain.ts'
import type { Server } from '../server.ts'

const image = 'otel/opentelemetry-collector-contrib:0.155.0'

export const otelcol: Server<Collector, CollectorOptions> = {
  title: 'the OpenTelemetry Collector',
  image,
  docker: async ({ options }) => {
    const { config, address } = await onFreePorts(options)
    return startContainer(
      {
        image,
        // It exports to the tests' own servers on this machine's loopback.
        hostNetwork: true,
        command: () => ['--config=/tmp/otelcol.yaml'],
        files: [{ content: config, target: '/tmp/otelcol.yaml' }],
        readyLine: /Everything is ready/,
      },
      () => address,
      () => takesOtlp(address.url),
    )
  },
  local: {
    missing: (environment) => lacking(environment, 'go'),
    prepared: collectorBinary.prepared,
    prepare: collectorBinary.prepare,
    start: startCollector,
  },
}
