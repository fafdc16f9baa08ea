import { startContainer } from '../docker/container.ts'
import { alertmanagerBinaries, single, startAlertmanager } from '../local/alertmanager.ts'
import type { AlertmanagerOptions } from '../local/alertmanager.ts'
import { lacking } from '../local/toolchain.ts'
import type { Server } from '../server.ts'

const image = 'prom/alertmanager:v0.28.1'

export const alertmanager: Server<{ url: string }, AlertmanagerOptions> = {
  title: 'Alertmanager',
  image,
  docker: ({ options: { config } }) =>
    startContainer(
      {
        image,
        // Its receivers are the tests' own processes on this machine's loopback.
        hostNetwork: true,
        command: (port) => [
          ...['--config.file=/tmp/alertmanager.yml', '--storage.path=/alertmanager'],
          ...[`--web.listen-address=127.0.0.1:${port}`, single],
        ],
        files: [{ content: config, target: '/tmp/alertmanager.yml' }],
        readyLine: /Listening on/,
      },
      (port) => ({ url: `http://127.0.0.1:${port}` }),
      async (port) => (await fetch(`http://127.0.0.1:${port}/-/ready`)).ok,
    ),
  local: {
    missing: (environment) => lacking(environment, 'go'),
    prepared: alertmanagerBinaries.prepared,
    prepare: alertmanagerBinaries.prepare,
    start: startAlertmanager,
  },
}
