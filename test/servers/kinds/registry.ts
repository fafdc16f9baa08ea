import { startContainer } from '../docker/container.ts'
import { compatiblePath, registryJars, startRegistry } from '../local/registry.ts'
import { lacking } from '../local/toolchain.ts'
import type { Server } from '../server.ts'

const image = 'apicurio/apicurio-registry:3.3.3'
const urlOf = (port: number) => `http://127.0.0.1:${port}${compatiblePath}`

export const registry: Server<{ url: string }> = {
  title: 'the schema registry',
  given: ({ TEST_SCHEMA_REGISTRY_URL: url }) => (url ? { url } : undefined),
  image,
  docker: () =>
    startContainer(
      { image, inside: 8080, readyPath: `${compatiblePath}/subjects` },
      (port) => ({ url: urlOf(port) }),
      async (port) => (await fetch(`${urlOf(port)}/subjects`)).ok,
    ),
  local: {
    missing: (environment) => lacking(environment, 'java', 'maven'),
    prepared: registryJars.prepared,
    prepare: registryJars.prepare,
    start: startRegistry,
  },
}
