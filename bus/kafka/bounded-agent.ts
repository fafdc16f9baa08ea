/** Limits time and size of an HTTP answer. The registry client has no timeout and parses answers of any size. */
import { Agent } from 'node:http'
import { Agent as SecureAgent } from 'node:https'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** Far above any schema: a registry stores each in a Kafka record, at most 1 MiB by default. */
const MOST_BYTES = 4 * 1024 * 1024

/** ms without traffic after which the connection is closed. */
export const SILENT_MS = 10_000

/** Error message of a request whose answer was too large; the client passes on only the message. */
export const TOO_LARGE = `the answer is larger than ${MOST_BYTES} bytes`

/** Uses one connection per request, so that the bytes of a connection are one answer; requests are few. `ca`: PEM of the trusted authority. */
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
