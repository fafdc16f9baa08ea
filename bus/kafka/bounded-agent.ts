/** Bounds on the answer to one request: the registry client waits for ever, reads whatever is sent, and makes text and JSON of all of it. */
import { Agent } from 'node:http'
import { Agent as SecureAgent } from 'node:https'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** A registry keeps a schema in a Kafka record, which is 1 MiB. */
const MOST_BYTES = 4 * 1024 * 1024

/** ms in which nothing was sent or received. */
export const SILENT_MS = 10_000

/** What the error of a request says whose answer was larger: its client passes on nothing else. */
export const TOO_LARGE = `the answer is larger than ${MOST_BYTES} bytes`

/** One connection a request, so that what comes over it is one answer; there are few. `ca`: PEM of the authority that is trusted. */
export function boundedAgent(
  url: string,
  { ca, silentMs = SILENT_MS }: { ca?: string; silentMs?: number } = {},
): Agent {
  const agent = url.startsWith('https:') ? new SecureAgent(ca === undefined ? {} : { ca }) : new Agent()
  const connect = agent.createConnection.bind(agent)
  agent.createConnection = (options, ready) => {
    const connection = connect(options, ready)
    if (connection) endBeyond(connection)
    if (connection instanceof Socket) connection.setTimeout(silentMs, () => connection.destroy(new Error(`no answer within ${silentMs / 1000} s`))) // prettier-ignore
    return connection
  }
  return agent
}

function endBeyond(connection: Duplex): void {
  let left = MOST_BYTES
  connection.on('data', (part: Buffer) => {
    left -= part.length
    if (left < 0) connection.destroy(new Error(TOO_LARGE))
  })
}
