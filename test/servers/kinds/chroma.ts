import { startContainer } from '../docker/container.ts'
import { type ChromaOptions, startChroma } from '../local/chroma.ts'
import type { Server } from '../server.ts'

const image = 'chromadb/chroma:1.5.9'

export const chroma: Server<{ url: string }, ChromaOptions> = {
  title: 'Chroma',
  image,
  docker: ({ options: { config } }) =>
    startContainer(
      { image, inside: 8000, files: [{ content: config, target: '/config.yaml' }], readyPath: '/api/v2/heartbeat' },
      (port) => ({ url: `http://127.0.0.1:${port}` }),
      async (port) => (await fetch(`http://127.0.0.1:${port}/api/v2/heartbeat`)).ok,
    ),
  // All of it comes with npm.
  local: { missing: async () => [], prepared: async () => true, prepare: async () => {}, start: startChroma },
}
