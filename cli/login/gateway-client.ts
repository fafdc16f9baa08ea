/** Gateway client of the commands, with the signed-in user's token; refusals become `CommandError`s. */
import { randomUUID } from 'node:crypto'
import { EventSourceParserStream } from 'eventsource-parser/stream'
import type { EventSourceMessage } from 'eventsource-parser'
import { z } from 'zod'
import type { Api, Error as ErrorBody } from '../../gateway/api.generated.ts'
import type { Language } from '../../gateway/present/language.ts'
import { both } from '../../gateway/present/texts.ts'
import { labelled } from '../../gateway/present/words.ts'
import { gateway as texts } from '../texts.ts'
import { CommandError } from './context.ts'
import type { ClientContext, ClientOptions } from './context.ts'
import { findEndpoints } from './endpoints.ts'
import { optionOf } from './fields.ts'
import { accessToken } from './issuer-client.ts'
import { reasonOf } from './reason.ts'

type Operations = Api['operations']
type Responses<Id extends keyof Operations> = Operations[Id]['responses']
type Success<Id extends keyof Operations> = Responses<Id>[keyof Responses<Id> & ('200' | '202')]

export interface GatewayClient {
  /** the response body; throws `CommandError` with the gateway's message on failure */
  ask<Id extends keyof Operations>(operation: Id, request: Request): Promise<Success<Id>>
  /** the response as text */
  text(request: Request): Promise<string>
  /** server-sent events of a session over one connection, after `lastId` if given */
  events(sessionId: string, lastId: string | undefined): Promise<AsyncIterable<EventSourceMessage>>
}

/** The gateway is unreachable; the request may be retried. */
export class GatewayAwayError extends CommandError {}

interface Request {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** path below /api/v1, with query string */
  path: string
  body?: object
}

export function connect(context: ClientContext, options: ClientOptions): GatewayClient {
  const { gateway, issuer } = findEndpoints(context, options.gateway === undefined ? {} : { gateway: options.gateway })

  async function send({ method, path, body }: Request, headers: Record<string, string> = {}): Promise<Response> {
    const authorization = `Bearer ${await accessToken(context, issuer)}`
    const url = `${gateway}/api/v1${path}`
    const json = body === undefined ? {} : { 'content-type': 'application/json', 'idempotency-key': randomUUID() }
    const response = await fetch(url, {
      method,
      headers: { authorization, 'accept-language': context.language, ...json, ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }).catch((error: unknown) => {
      throw new GatewayAwayError(texts.away(gateway, reasonOf(error)), { cause: error })
    })
    if (!response.ok) throw refusalOf(response.status, await response.text(), context.language)
    return response
  }

  return {
    ask: async <Id extends keyof Operations>(_operation: Id, request: Request) =>
      (await (await send(request)).json()) as Success<Id>,
    text: async (request) => (await send(request)).text(),
    async events(sessionId, lastId) {
      const headers = lastId === undefined ? {} : { 'last-event-id': lastId }
      const { body } = await send({ method: 'GET', path: `/diagnostics/${sessionId}/events` }, headers)
      if (body === null) throw new CommandError(texts.noEvents)
      return body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream())
    },
  }
}

/** What the gateway refused with, for a person. */
export function refusalOf(status: number, text: string, language: Language): CommandError {
  try {
    const { error, message, details, request_id } = JSON.parse(text) as ErrorBody
    const lines = (details ?? []).map(
      ({ field, message }) =>
        `  - ${field === undefined || field === '' ? message : labelled(language, optionOf(field), message)}`,
    )
    const said = z.string().parse(message)
    const spoken =
      ['INVALID_REQUEST', 'VALIDATION_ERROR'].includes(error) && lines.length > 0 ? texts.invalid : both(said, said)
    return new CommandError(status >= 500 ? texts.inside(spoken, request_id) : spoken, {
      details: lines,
      code: z.string().catch('COMMAND_FAILED').parse(error),
    })
  } catch {
    return new CommandError(texts.strange(status, text.slice(0, 200)))
  }
}
