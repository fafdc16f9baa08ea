/** MCP over HTTP, stateless: every message is a request of its own, with a token of its own. */
import { createMcpHandler, type McpRequestContext } from '@modelcontextprotocol/server'
import { createParser } from 'eventsource-parser'
import { forbidden } from '../errors.ts'
import type { Asked, Gateway, Handler } from '../gateway.ts'
import type { Caller } from '../auth/caller.ts'
import { type Inside, insideOf, type Operations } from './operations.ts'
import { createServer } from './server.ts'
import { mcp as texts } from './texts.ts'

/** The SDK asks for a URL; nothing depends on it. */
const ANY_URL = 'http://gateway/mcp'

export function callMcp(gateway: Gateway, operations: Operations): Handler<'callMcp'> {
  const inside = new WeakMap<Request, Inside>()
  const handler = createMcpHandler(
    ({ requestInfo }: McpRequestContext) => {
      const found = requestInfo === undefined ? undefined : inside.get(requestInfo)
      if (found === undefined) throw new Error('an MCP server was asked for without its request')
      return createServer(found)
    },
    { maxSubscriptions: 0, onerror: (error) => gateway.log.debug({ err: error }, 'an MCP message was refused') },
  )
  return async (asked: Asked<'callMcp'>, caller: Caller) => {
    const { origin } = asked.request.headers
    // as the specification demands: only browsers send an origin, and there is no console that uses MCP
    if (origin !== undefined) throw forbidden(texts.browser)
    const request = new Request(ANY_URL, { method: 'POST', headers: headersOf(asked) })
    inside.set(request, insideOf(operations, { gateway, caller, asked }))
    const response = await handler.fetch(request, { parsedBody: asked.body })
    const text = await answerIn(response)
    if (text !== '') asked.reply.type('application/json; charset=utf-8')
    // the text of what the document describes; a notification gets none
    return { status: response.status, body: text === '' ? undefined : text } as unknown as Awaited<
      ReturnType<Handler<'callMcp'>>
    >
  }
}

/** The SDK answers older revisions with an event stream of one message. Their clients take JSON as well, which needs no stream. */
async function answerIn(response: Response): Promise<string> {
  const text = await response.text()
  if (response.headers.get('content-type')?.startsWith('text/event-stream') !== true) return text
  const messages: string[] = []
  createParser({ onEvent: ({ data }) => void (data === '' || messages.push(data)) }).feed(text)
  return messages.at(-1) ?? ''
}

/** All but the token, which nothing inside needs; and every client takes what the document says, as for other routes. */
function headersOf({ request }: Asked<'callMcp'>): Headers {
  const given = Object.entries(request.headers).filter(([name]) => !['authorization', 'content-length'].includes(name))
  const headers = new Headers(
    given.flatMap(([name, value]) => [value ?? []].flat().map((one): [string, string] => [name, one])),
  )
  headers.set('accept', 'application/json, text/event-stream')
  return headers
}
