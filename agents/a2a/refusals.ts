/** Errors of calls: A2A's own by their reason, and those that only this binding has. */
import {
  A2AError,
  ContentTypeNotSupportedError,
  ExtendedAgentCardNotConfiguredError,
  ExtensionSupportRequiredError,
  InvalidAgentResponseError,
  PushNotificationNotSupportedError,
  RequestMalformedError,
  TaskNotCancelableError,
  TaskNotFoundError,
  UnsupportedOperationError,
  VersionNotSupportedError,
} from '@a2a-js/sdk/errors'
import type { A2aRequested } from '../../schemas/events.generated.ts'
import { HEADERS, isMethod, METHODS, type MethodName, MOST, type RequestOf, VERSION } from './binding.ts'

/** What A2A has no error for. */
export type CallErrorCode = 'DEADLINE_EXCEEDED' | 'CALL_REFUSED' | 'METHOD_NOT_FOUND' | 'INTERNAL_ERROR'

export class CallError extends Error {
  override readonly name = 'CallError'
  readonly code: string
  constructor(code: CallErrorCode | (string & {}), message: string) {
    super(message)
    this.code = code
  }
}

export type Refusal = A2AError | CallError

export const isRefusal = (error: unknown): error is Refusal => error instanceof A2AError || error instanceof CallError

export const codeOf = (refusal: Refusal): string => (refusal instanceof CallError ? refusal.code : refusal.reason)

type Kind = new (message: string) => A2AError
const KINDS: readonly Kind[] = [
  TaskNotFoundError,
  TaskNotCancelableError,
  PushNotificationNotSupportedError,
  UnsupportedOperationError,
  ContentTypeNotSupportedError,
  InvalidAgentResponseError,
  ExtendedAgentCardNotConfiguredError,
  ExtensionSupportRequiredError,
  VersionNotSupportedError,
  RequestMalformedError,
]
const KIND_OF = new Map(KINDS.map((Kind) => [new Kind('').reason, Kind]))

/** The error that an answer tells, as the SDK's client throws it. */
export function refusalOf(code: string, message: string): Refusal {
  const Kind = KIND_OF.get(code)
  return Kind === undefined ? new CallError(code, message) : new Kind(message)
}

const AGENT = /^[a-z][a-z0-9-]{0,63}$/

/** Checks a call before its method is looked at, and reads its body. `now`: ms. Throws a `Refusal`. */
export function readCall(
  call: A2aRequested,
  headers: Readonly<Record<string, string>>,
  now: number,
): { method: MethodName; body: unknown } {
  if (!AGENT.test(call.caller)) throw new RequestMalformedError('caller must be the name of an agent')
  if (call.caller === call.agent) throw new CallError('CALL_REFUSED', 'an agent does not call itself')
  if (call.depth < 1 || call.depth > MOST.depth)
    throw new CallError('CALL_REFUSED', `depth must be 1 to ${MOST.depth}: calls may not go in circles`)
  if (call.budget < 0) throw new CallError('CALL_REFUSED', 'budget must not be negative')
  if (now >= call.deadline) throw new CallError('DEADLINE_EXCEEDED', 'the deadline passed before the call was begun')
  const version = headers[HEADERS.version]
  if (version?.replace(/^(\d+\.\d+)\.\d+$/, '$1') !== VERSION)
    throw new VersionNotSupportedError(`the header ${HEADERS.version} must be ${VERSION}`)
  if (!isMethod(call.method)) throw new CallError('METHOD_NOT_FOUND', 'A2A 1.0 has no such method')
  if (Buffer.byteLength(call.body) > MOST.request)
    throw new RequestMalformedError(`body must have at most ${MOST.request} bytes`)
  return { method: call.method, body: parsed(call.body) }
}

function parsed(body: string): object {
  try {
    const value: unknown = JSON.parse(body)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch {
    // told below
  }
  throw new RequestMalformedError('body must be a JSON object')
}

/** The request in a body. Its tenant is that of the call. */
export function requestOf<M extends MethodName>(name: M, body: unknown, tenant: string): RequestOf<M> {
  let request: { tenant: string }
  try {
    request = METHODS[name].request.fromJSON(body)
  } catch (cause) {
    throw new RequestMalformedError({ message: 'the request does not have the form that A2A 1.0 describes', cause })
  }
  if (request.tenant !== '' && request.tenant !== tenant)
    throw new RequestMalformedError('the tenant is that of the call: leave it out of the body')
  return request as RequestOf<M>
}
