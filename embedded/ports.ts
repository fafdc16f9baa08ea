/** Loopback ports: find a free one, and check whether a given one is free. */
import { createServer } from 'node:net'
import { type Refusal, StartRefused } from './start-refused.ts'

/** Listens briefly. Resolves to the port; 0 picks a free one. Rejects as `listen` does. */
const tryPort = (port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })

export const freePort = (): Promise<number> => tryPort(0)

export const isFree = (port: number): Promise<boolean> => tryPort(port).then(() => true, () => false) // prettier-ignore

type Part = Extract<Refusal, { code: 'port' }>['part']

/** Throws `StartRefused` (`port`), before anything was started. 0 is always free. */
export async function portFor(part: Part, port: number): Promise<void> {
  await tryPort(port).catch((error: unknown) => {
    throw refusedPort(part, port, error)
  })
}

/** The same error for a port taken after it was checked; any other error unchanged. */
export function refusedPort(part: Part, port: number, error: unknown): unknown {
  const reason = (error as NodeJS.ErrnoException).code ?? ''
  return ['EADDRINUSE', 'EACCES'].includes(reason) ? new StartRefused({ code: 'port', part, port, reason }) : error
}
