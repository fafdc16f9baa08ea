/** Passes the messages of one client to the gateway, and the answers back. */
import {
  isJSONRPCNotification,
  isJSONRPCRequest,
  type JSONRPCMessage,
  type RequestId,
  type Transport,
} from '@modelcontextprotocol/server'
import type { Language } from '../../gateway/present/language.ts'
import { CommandError } from '../login/context.ts'
import { reasonOf } from '../login/reason.ts'

export interface RelayOptions {
  /** only read from; closed by the client */
  transport: Transport
  /** Sends one message. Null: there is no answer, as to a notification. Throws `CommandError`. */
  send(message: JSONRPCMessage, signal: AbortSignal): Promise<JSONRPCMessage | null>
  answer(message: JSONRPCMessage): void
  language: Language
}

/** of the range that JSON-RPC leaves to servers */
const REFUSED = -32000

/** Ends when the client has closed its end and all that it asked is answered: a shell's pipe closes right after its last line. */
export async function relay({ transport, send, answer, language }: RelayOptions): Promise<void> {
  const running = new Map<RequestId, AbortController>()
  const passing = new Set<Promise<void>>()
  const closed = Promise.withResolvers<unknown>()

  async function pass(message: JSONRPCMessage): Promise<void> {
    if (isJSONRPCNotification(message)) {
      if (message.method === 'notifications/cancelled') cancel(message.params)
      // nobody waits for an answer; if the gateway is away, the next request says so
      else await send(message, new AbortController().signal).catch(() => undefined)
    } else if (isJSONRPCRequest(message)) {
      const { id } = message
      const controller = new AbortController()
      running.set(id, controller)
      const found = await send(message, controller.signal).catch((error: unknown) => refusal(id, error, language))
      running.delete(id)
      if (found !== null && !controller.signal.aborted) answer(found)
    }
  }

  function cancel(params: unknown): void {
    const { requestId } = (params ?? {}) as { requestId?: RequestId }
    if (requestId !== undefined) running.get(requestId)?.abort()
  }

  transport.onmessage = (message) => {
    const one = pass(message).finally(() => passing.delete(one))
    passing.add(one)
  }
  transport.onclose = () => closed.resolve(Promise.all(passing))
  await transport.start()
  await closed.promise
}

function refusal(id: RequestId, error: unknown, language: Language): JSONRPCMessage {
  const { code, texts } = error instanceof CommandError ? error : new CommandError(reasonOf(error))
  return { jsonrpc: '2.0', id, error: { code: REFUSED, message: texts[language], data: { error: code } } }
}
