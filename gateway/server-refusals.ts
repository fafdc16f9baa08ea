/** Answers what Node's HTTP server refuses before there is a request, with the usual error body. */
import { randomUUID } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import type { Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { refusals } from './present/texts.ts'
import type { Texts } from './present/texts.ts'

/** `status` is the HTTP status; the code is always INVALID_REQUEST */
export interface Refusal {
  status: number
  texts: Texts
}

export type RefusalBody = (refusal: Refusal, requestId: string) => object

const malformed: Refusal = { status: 400, texts: refusals.malformed }
const known: Readonly<Record<string, Refusal>> = {
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, texts: refusals.tooSlow },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: { status: 413, texts: refusals.tooLarge },
  HPE_HEADER_OVERFLOW: { status: 431, texts: refusals.headersTooLarge },
}

interface Answerable extends Duplex {
  /** Node's internal field: the response being written on this connection */
  _httpMessage?: { _headerSent?: boolean } | null
}

/** A `clientErrorHandler` for Fastify. It does not write into a response that has started. */
export const refuseUnreadable =
  (bodyOf: RefusalBody) =>
  (error: NodeJS.ErrnoException, socket: Answerable): void => {
    const begun = socket._httpMessage?._headerSent === true
    if (error.code === 'ECONNRESET' || !socket.writable || begun) return void socket.destroy()
    write(socket, known[error.code ?? ''] ?? malformed, bodyOf)
  }

/** Answers what Node would refuse without a body: unknown expectations, and CONNECT. */
export function refuseUnmet(server: Server, bodyOf: RefusalBody): void {
  server.on('checkExpectation', (_request, response) => {
    const { status, headers, text } = answerOf({ status: 417, texts: refusals.noExpectation }, bodyOf)
    response.writeHead(status, headers).end(text)
  })
  server.on('connect', (_request, socket) => {
    socket.on('error', () => socket.destroy())
    write(socket, { status: 400, texts: refusals.noTunnel }, bodyOf)
  })
}

function write(socket: Duplex, refusal: Refusal, bodyOf: RefusalBody): void {
  const { status, headers, text } = answerOf(refusal, bodyOf)
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${text}`, () => socket.destroy())
}

/** The request could not be read, so neither the caller nor the preferred language is known. */
function answerOf(refusal: Refusal, bodyOf: RefusalBody) {
  const requestId = randomUUID()
  const text = JSON.stringify(bodyOf(refusal, requestId))
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'content-language': 'en',
    'x-content-type-options': 'nosniff',
    'x-request-id': requestId,
    connection: 'close',
  }
  return { status: refusal.status, headers, text }
}
