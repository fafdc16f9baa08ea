/** Operations of the API, run in this process for the caller of a tool: the same scopes, checks, tenants and errors as over HTTP. */
import type { Api } from '../api.generated.ts'
import type { Caller } from '../auth/caller.ts'
import { lacking } from '../auth/permissions.ts'
import type { Checks, Given } from '../checks.ts'
import type { Document } from '../document.ts'
import { forbidden } from '../errors.ts'
import type { Asked, Gateway, Handler } from '../gateway.ts'
import type { Language } from '../present/language.ts'

/** All that tools can do. No decision is among them: a tool cannot decide, whoever calls it. */
export const REACHABLE = [
  'diagnoseAlerts',
  'getSessionStatus',
  'listSessions',
  'getEvidence',
  'listApprovals',
  'proposeAction',
  'requestPostmortem',
  'getPostmortem',
] as const
export type Reachable = (typeof REACHABLE)[number]
export type ReachableHandlers = { [Id in Reachable]: Handler<Id> }

type Responses<Id extends Reachable> = Api['operations'][Id]['responses']
type Body<Id extends Reachable> = Responses<Id>[keyof Responses<Id> & ('200' | '202')]

/** A key, and what it stands for: the same of both has one effect. */
export interface Once {
  key: string
  said: unknown
}

/** Where tools and resources come from, and whom they serve. */
export interface Inside {
  gateway: Gateway
  caller: Caller
  asked: Asked<'callMcp'>
  /** the body of a successful answer; throws `ApiError`. `language`: another than the request's */
  run<Id extends Reachable>(operationId: Id, given: Given & { once?: Once }, language?: Language): Promise<Body<Id>>
}

export interface Operations {
  document: Pick<Document, 'operations'>
  checks: Pick<Checks, 'check'>
  handlers: ReachableHandlers
}

export function insideOf(
  { document, checks, handlers }: Operations,
  { gateway, caller, asked }: Pick<Inside, 'gateway' | 'caller' | 'asked'>,
): Inside {
  return {
    ...{ gateway, caller, asked },
    async run<Id extends Reachable>(
      operationId: Id,
      { once, ...given }: Given & { once?: Once },
      language: Language = asked.language,
    ) {
      const missing = lacking(caller, document.operations.get(operationId)?.scopes ?? [])
      if (missing !== null) throw forbidden(missing)
      const { params, querystring: query, body } = checks.check(operationId, given)
      const { trace, refused, request, reply } = asked
      const keyed = once === undefined ? {} : { 'idempotency-key': once.key }
      const headers = { 'accept-language': language, ...keyed }
      // checked against the document, as the route does before its handler runs
      const told = { params, query, body, headers, ...(once === undefined ? {} : { asSaid: once.said }) }
      const input = { ...told, language, trace, refused, request, reply } as unknown as Asked<Id>
      const answer = await (handlers[operationId] as Handler<Id>)(input, caller)
      return answer.body as Body<Id>
    },
  }
}
