/** Sends requests or raw bytes and returns the raw response. */
import { Agent, request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import type { Request } from './requests.ts'

export interface Answer {
  status: number
  headers: Record<string, string>
  body: string
  /** a stream: only its first bytes were read */
  stream: boolean
}

export interface Client {
  send(request: Request, token: string | null): Promise<Answer>
  /** null if the connection ended without a response */
  sendRaw(bytes: Buffer): Promise<Answer | null>
  close(): void
}

/** ms to wait for a response to bytes that do not form a request */
const SILENT_MS = 150

export function createClient(url: URL): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 })
  const { hostname: host, port } = url

  function send({ method, path, headers, body }: Request, token: string | null): Promise<Answer> {
    const sent = {
      ...(body === null ? {} : { 'Content-Type': 'application/json', 'Content-Length': String(body.length) }),
      ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
      ...headers,
    }
    return new Promise((resolve, reject) => {
      const asked = httpRequest({ host, port, method, path, headers: sent, agent }, (response) => {
        const told = { status: response.statusCode ?? 0, headers: response.headers as Record<string, string> }
        if (String(response.headers['content-type']).startsWith('text/event-stream')) {
          response.once('data', () => response.destroy())
          response.once('close', () => resolve({ ...told, body: '', stream: true }))
          return
        }
        let text = ''
        response.setEncoding('utf8').on('data', (chunk) => (text += chunk))
        response.once('error', reject)
        response.once('end', () => resolve({ ...told, body: text, stream: false }))
      })
      asked.once('error', reject)
      asked.end(body ?? undefined)
    })
  }

  function sendRaw(bytes: Buffer): Promise<Answer | null> {
    return new Promise((resolve) => {
      const socket = connect(Number(port), host)
      let text = ''
      const done = (): void => {
        socket.destroy()
        resolve(/^HTTP\/1.1 [2-5]/m.test(text) ? read(text) : null)
      }
      socket.setTimeout(SILENT_MS, done)
      socket.on('error', done).on('close', done)
      socket.setEncoding('utf8').on('data', (chunk) => (text += chunk))
      socket.write(bytes)
    })
  }

  return { send, sendRaw, close: () => agent.destroy() }
}

/** The first response on a connection; later ones answer the bytes after the first request. */
function read(text: string): Answer {
  const [head = '', ...rest] = text.replace(/^HTTP\/1.1 100 .*\r\n\r\n/, '').split('\r\n\r\n')
  const [line = '', ...lines] = head.split('\r\n')
  const pairs = lines.map((one) => [one.split(':')[0]?.toLowerCase() ?? '', one.replace(/^[^:]*: */, '')])
  const headers = Object.fromEntries(pairs) as Record<string, string>
  const length = Number(headers['content-length'] ?? Infinity)
  const body = Buffer.from(rest.join('\r\n\r\n')).subarray(0, length).toString()
  const stream = headers['content-type']?.startsWith('text/event-stream') === true
  return { status: Number(line.split(' ')[1]), headers, body, stream }
}
