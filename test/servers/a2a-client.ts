import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { a2aClient, a2aClientPython, a2aClientScript } from './local/a2a-client.ts'

export interface Sent {
  binding: 'JSONRPC' | 'HTTP+JSON'
  streaming: boolean
  data?: object
  text?: string
}

/** A task as the client read it, and the kinds of events it was told before. */
export interface Ended {
  events: string[]
  task: {
    id: string
    status: { state: string }
    artifacts?: { artifactId: string; parts: Record<string, unknown>[] }[]
  }
}

const LIMIT_MS = 150_000

/** Sends the messages one after the other with the SDK for Python. Throws what it printed if it fails. */
export async function sendWithPython(url: string, token: string, sent: readonly Sent[]): Promise<Ended[]> {
  if (!(await a2aClient.prepared()))
    throw new Error('The A2A client for Python is not in the cache yet. Run `npm run test:servers` once.')
  const child = spawn(a2aClientPython(), [a2aClientScript, url, token], { timeout: LIMIT_MS })
  const [out, err] = [child.stdout, child.stderr].map(async (stream) => {
    let text = ''
    for await (const chunk of stream) text += String(chunk)
    return text
  })
  child.stdin.end(sent.map((one) => `${JSON.stringify(one)}\n`).join(''))
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) throw new Error(`the A2A client for Python ended with ${code}: ${await err}`)
  return ((await out) ?? '')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Ended)
}
