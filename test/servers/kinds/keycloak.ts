import { startContainer } from '../docker/container.ts'
import {
  administrator,
  builtWith,
  startedWith,
  keycloakFiles,
  type KeycloakOptions,
  startKeycloak,
} from '../local/keycloak.ts'
import { lacking } from '../local/toolchain.ts'
import type { Server } from '../server.ts'

const image = 'quay.io/keycloak/keycloak:26.7.3'
const inside = 8080

export const keycloak: Server<{ url: string }, KeycloakOptions> = {
  title: 'Keycloak',
  image,
  docker: ({ options: { realm, secrets } }) =>
    startContainer(
      {
        image,
        inside,
        environment: () => ({ ...administrator, ...secrets }),
        command: () => ['start', ...builtWith, ...startedWith, `--http-port=${inside}`],
        files: [{ content: realm, target: '/opt/keycloak/data/import/realm.json' }],
        readyPath: '/realms/master',
      },
      (port) => ({ url: `http://127.0.0.1:${port}` }),
      async (port) => (await fetch(`http://127.0.0.1:${port}/realms/master`)).ok,
    ),
  local: {
    missing: (environment) => lacking(environment, 'java', 'maven'),
    prepared: keycloakFiles.prepared,
    prepare: keycloakFiles.prepare,
    start: startKeycloak,
  },
}
