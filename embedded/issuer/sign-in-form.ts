/** Reads the posted login form, up to a small limit. */
import type { IncomingMessage } from 'node:http'

const largest = 4_096
/** bytes of an oversized body to read and discard, so that the client can still receive the response */
const thrownAway = 1_048_576

/** null: longer than any name and password can be. */
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

/** Closes the connection if the body never ends. */
export function hangUpOn(request: IncomingMessage): void {
  let left = thrownAway
  request.on('data', (chunk: Buffer) => {
    left -= chunk.length
    if (left < 0) request.destroy()
  })
}
