/** Sends a message of MCP to the gateway, with the token of the signed-in person. */
import { type JSONRPCMessage, parseJSONRPCMessage } from '@modelcontextprotocol/server'
import { gateway as texts } from '../texts.ts'
import type { ClientContext, ClientOptions } from '../login/context.ts'
import { findEndpoints } from '../login/endpoints.ts'
import { GatewayAwayError, refusalOf } from '../login/gateway-client.ts'
import { accessToken } from '../login/issuer-client.ts'
import { reasonOf } from '../login/reason.ts'
import type { RelayOptions } from './relay.ts'

const VERSION = 'io.modelcontextprotocol/protocolVersion'

interface Params {
  name?: unknown
  uri?: unknown
  _meta?: Record<string, unknown>
}

export function senderTo(context: ClientContext, options: ClientOptions): RelayOptions['send'] {
  /** what an `initialize` agreed on; messages of later revisions name their own */
  let agreed: string | undefined

  return async (message, signal) => {
    const { gateway, issuer } = findEndpoints(
      context,
      options.gateway === undefined ? {} : { gateway: options.gateway },
    )
    const token = await accessToken(context, issuer)
    const response = await fetch(`${gateway}/mcp`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'accept-language': context.language,
        'content-type': 'application/json',
        accept: 'application/json',
        ...headersOf(message, agreed),
      },
      body: JSON.stringify(message),
      signal,
    }).catch((error: unknown) => {
      throw new GatewayAwayError(texts.away(gateway, reasonOf(error)), { cause: error })
    })
    const answer = await answerIn(response, context)
    agreed = agreedIn(message, answer) ?? agreed
    return answer
  }
}

/** The headers that must say the same as the message. */
function headersOf(message: JSONRPCMessage, agreed: string | undefined): Record<string, string> {
  if (!('method' in message)) return {}
  const { name, uri, _meta } = (message.params ?? {}) as Params
  const version = _meta?.[VERSION] ?? (message.method === 'initialize' ? undefined : agreed)
  const subject = name ?? uri
  return {
    ...(typeof version === 'string' ? { 'mcp-protocol-version': inHeader(version) } : {}),
    'mcp-method': inHeader(message.method),
    ...(typeof subject === 'string' ? { 'mcp-name': inHeader(subject) } : {}),
  }
}

/** As the specification writes what a header cannot hold. */
const inHeader = (text: string): string =>
  /^[\x21-\x7e]+$/.test(text) && !text.startsWith('=?') ? text : `=?base64?${Buffer.from(text).toString('base64')}?=`

/** A message is an answer, whatever its status; the gateway's own refusals are none. */
async function answerIn(response: Response, context: ClientContext): Promise<JSONRPCMessage | null> {
  if (response.status === 202) return null
  const text = await response.text()
  const message = messageIn(text)
  if (message === null) throw refusalOf(response.status, text, context.language)
  return message
}

function messageIn(text: string): JSONRPCMessage | null {
  try {
    return parseJSONRPCMessage(JSON.parse(text))
  } catch {
    return null
  }
}

function agreedIn(asked: JSONRPCMessage, answer: JSONRPCMessage | null): string | undefined {
  if (!('method' in asked) || asked.method !== 'initialize' || answer === null || !('result' in answer))
    return undefined
  const { protocolVersion } = answer.result as { protocolVersion?: unknown }
  return typeof protocolVersion === 'string' ? protocolVersion : undefined
}
