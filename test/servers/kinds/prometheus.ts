import { startContainer } from '../docker/container.ts'
import { emptyConfig, prometheusBinaries, retention, startPrometheus } from '../local/prometheus.ts'
import type { PrometheusOptions } from '../local/prometheus.ts'
import { lacking } from '../local/toolchain.ts'
import type { Server } from '../server.ts'

const image = 'prom/prometheus:v3.16.0'

const script = (port: number, flags: string[]) => `set -e
test -d /prometheus/data || promtool tsdb create-blocks-from openmetrics /tmp/history.om /prometheus/data
exec prometheus --config.file=/tmp/prometheus.yml --storage.tsdb.path=/prometheus/data ${retention} \\
  --web.listen-address=127.0.0.1:${port} ${flags.map((flag) => `'${flag.replaceAll("'", `'\\''`)}'`).join(' ')}`

export const prometheus: Server<{ url: string }, PrometheusOptions> = {
  title: 'Prometheus',
  image,
  docker: ({ options: { openMetrics = '# EOF\n', config = emptyConfig, flags = [] } }) =>
    startContainer(
      {
        image,
        // Its targets are the tests' own processes on this machine's loopback.
        hostNetwork: true,
        entrypoint: ['/bin/sh', '-c'],
        command: (port) => [script(port, flags)],
        files: [
          { content: openMetrics, target: '/tmp/history.om' },
          { content: config, target: '/tmp/prometheus.yml' },
        ],
        readyLine: /Server is ready to receive web requests/,
      },
      (port) => ({ url: `http://127.0.0.1:${port}` }),
      async (port) => (await fetch(`http://127.0.0.1:${port}/-/ready`)).ok,
    ),
  local: {
    missing: (environment) => lacking(environment, 'go'),
    prepared: prometheusBinaries.prepared,
    prepare: prometheusBinaries.prepare,
    start: startPrometheus,
  },
}
