/** What came with the login form: small, or not read at all. */
import type { IncomingMessage } from 'node:http'

const largest = 4_096
/** so much of what is too long is taken off the line and thrown away, so that its sender is still there to read the answer */
const thrownAway = 1_048_576

/** null: it is longer than any name and password. */
export async function readForm(request: IncomingMessage): Promise<URLSearchParams | null> {
  if (Number(request.headers['content-length'] ?? 0) > largest) return null
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    length += (chunk as Buffer).length
    if (length > largest) return null
    chunks.push(chunk as Buffer)
  }
  return new URLSearchParams(Buffer.concat(chunks).toString())
}

/** Ends the connection of who goes on and on. */
export function hangUpOn(request: IncomingMessage): void {
  let left = thrownAway
  request.on('data', (chunk: Buffer) => {
    left -= chunk.length
    if (left < 0) request.destroy()
  })
}
