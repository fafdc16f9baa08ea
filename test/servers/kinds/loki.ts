import { startContainer } from '../docker/container.ts'
import { lokiBinary, lokiConfig, startLoki } from '../local/loki.ts'
import type { LokiOptions } from '../local/loki.ts'
import { lacking } from '../local/toolchain.ts'
import type { Server } from '../server.ts'

const image = 'grafana/loki:3.7.8'

export const loki: Server<{ url: string }, LokiOptions | undefined> = {
  title: 'Loki',
  given: ({ TEST_LOKI_URL: url }) => (url ? { url } : undefined),
  image,
  docker: ({ options }) =>
    startContainer(
      {
        image,
        inside: 3100,
        command: () => ['-config.file=/tmp/loki.yaml'],
        files: [
          {
            content:
              options?.config ??
              lokiConfig('/tmp/loki', { host: '0.0.0.0', http: 3100, grpc: 9095 }, options?.tenants ?? true),
            target: '/tmp/loki.yaml',
          },
        ],
        readyPath: '/ready',
      },
      (port) => ({ url: `http://127.0.0.1:${port}` }),
      async (port) => (await fetch(`http://127.0.0.1:${port}/ready`)).ok,
    ),
  local: {
    missing: (environment) => lacking(environment, 'go'),
    prepared: lokiBinary.prepared,
    prepare: lokiBinary.prepare,
    start: startLoki,
  },
}
