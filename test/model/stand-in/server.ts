/** A paid model cannot be had in tests: this server speaks the Messages API over HTTP, as its script says. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Block {
  type: 'text' | 'thinking' | 'tool_use'
  [field: string]: unknown
}
export interface Answer {
  content: Block[]
  stop: string
  usage?: Record<string, unknown>
}
export type Step =
  | { do: 'answer'; answer: Answer }
  /** KEY in the message becomes the key that was sent, as careless proxies do */
  | { do: 'status'; status: number; type: string; message?: string; retryAfter?: string }
  | { do: 'error-event'; type: string }
  /** only so many of the answer's events, then the connection ends: in order, or torn */
  | { do: 'cut'; after: number; torn: boolean; answer: Answer }
  /** an event each `everyMs`, and never the last */
  | { do: 'drip'; everyMs: number }
  | { do: 'body'; contentType: string; body: string }
export interface Asked {
  headers: IncomingMessage['headers']
  body: Record<string, unknown>
}

/** The last step repeats. */
export async function startStandIn(steps: readonly Step[]) {
  const asked: Asked[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    asked.push({ headers: request.headers, body: JSON.parse(Buffer.concat(chunks).toString()) as Asked['body'] })
    const step = steps[Math.min(asked.length, steps.length) - 1]
    if (step) play(step, request, response)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    stop: () =>
      new Promise<void>((closed) => {
        server.close(() => closed())
        server.closeAllConnections()
      }),
  }
}

function play(step: Step, request: IncomingMessage, response: ServerResponse): void {
  if (step.do === 'status') {
    const message = (step.message ?? step.type).replace('KEY', request.headers.authorization?.slice(7) ?? '')
    response.writeHead(step.status, {
      'content-type': 'application/json',
      ...(step.retryAfter && { 'retry-after': step.retryAfter }),
    })
    response.end(JSON.stringify({ type: 'error', error: { type: step.type, message } }))
    return
  }
  if (step.do === 'body') {
    response.writeHead(200, { 'content-type': step.contentType })
    response.end(step.body)
    return
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  if (step.do === 'error-event') {
    response.end(event({ type: 'error', error: { type: step.type, message: step.type } }))
  } else if (step.do === 'drip') {
    response.write(eventsOf({ content: [], stop: 'end_turn' })[0])
    const timer = setInterval(() => response.write(event({ type: 'ping' })), step.everyMs)
    response.on('close', () => clearInterval(timer))
  } else if (step.do === 'cut') {
    const sent = eventsOf(step.answer).slice(0, step.after).join('')
    if (!step.torn) response.end(sent)
    else response.write(sent || ': \n\n', () => response.destroy())
  } else response.end(eventsOf(step.answer).join(''))
}

const event = (data: { type: string; [field: string]: unknown }): string =>
  `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`

export function eventsOf({ content, stop, usage }: Answer): string[] {
  const counted = { input_tokens: 10, output_tokens: 1, ...usage }
  const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'stand-in-1', content: [] }
  return [
    event({ type: 'message_start', message: { ...message, stop_reason: null, stop_sequence: null, usage: counted } }),
    ...content.flatMap((block, index) => blockEvents(block, index)),
    event({ type: 'message_delta', delta: { stop_reason: stop, stop_sequence: null }, usage: { output_tokens: 7 } }),
    event({ type: 'message_stop' }),
  ]
}

/** Each block begins empty, and its parts follow. */
function blockEvents(block: Block, index: number): string[] {
  const delta = (data: Record<string, unknown>) => event({ type: 'content_block_delta', index, delta: data })
  const [empty, parts] =
    block.type === 'text'
      ? [{ text: '' }, [...String(block['text'])].map((text) => delta({ type: 'text_delta', text }))]
      : block.type === 'thinking'
        ? [
            { thinking: '', signature: '' },
            [
              delta({ type: 'thinking_delta', thinking: block['thinking'] }),
              delta({ type: 'signature_delta', signature: block['signature'] }),
            ],
          ]
        : [{ input: {} }, [delta({ type: 'input_json_delta', partial_json: JSON.stringify(block['input']) })]]
  const start = event({ type: 'content_block_start', index, content_block: { ...block, ...empty } })
  return [start, ...parts, event({ type: 'content_block_stop', index })]
}
