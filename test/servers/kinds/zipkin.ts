import { startContainer } from '../docker/container.ts'
import { startZipkin, zipkinJar } from '../local/zipkin.ts'
import { lacking } from '../local/toolchain.ts'
import type { Server } from '../server.ts'

const image = 'openzipkin/zipkin:3.5.1'

export const zipkin: Server<{ url: string }> = {
  title: 'Zipkin',
  given: ({ TEST_ZIPKIN_URL: url }) => (url ? { url } : undefined),
  image,
  docker: () =>
    startContainer(
      { image, inside: 9411, environment: () => ({ STORAGE_TYPE: 'mem' }), readyPath: '/health' },
      (port) => ({ url: `http://127.0.0.1:${port}` }),
      async (port) => (await fetch(`http://127.0.0.1:${port}/health`)).ok,
    ),
  local: {
    missing: (environment) => lacking(environment, 'java', 'maven'),
    prepared: zipkinJar.prepared,
    prepare: zipkinJar.prepare,
    start: startZipkin,
  },
}
