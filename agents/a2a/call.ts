/** Builds calls and answers. The same for the durable runs of agents and for the SDK's client. */
import type { EncodedRecord } from '../../bus/bus.ts'
import type { A2aRequested, A2aResponded } from '../../schemas/events.generated.ts'
import { emit, type Outgoing, type Stamped } from '../runtime/agent.ts'
import { HEADERS, type MethodName, methodOf, MOST, type RequestOf, type ResponseOf, VERSION } from './binding.ts'
import { codeOf, type Refusal } from './refusals.ts'

/** What a call may still cost, and how deep it is. */
export type Allowance = Pick<A2aRequested, 'depth' | 'budget' | 'deadline'>

/** For calls that are not made on behalf of another. */
export const firstCall = (deadline: number, budget = 0): Allowance => ({ depth: 1, budget, deadline })

/** What may be called to answer a call. */
export interface Budget {
  /** for one more call, which may pass on `passOn` calls; null: there is not enough left, or it would be too deep */
  spend(passOn?: number): Allowance | null
}

/** All calls on behalf of `call` together cost no more than its budget, and none waits longer than its caller. */
export function budgetOf({ depth, budget, deadline }: Allowance): Budget {
  let left = budget
  return {
    spend(passOn = 0) {
      if (depth >= MOST.depth || left < 1 + passOn) return null
      left -= 1 + passOn
      return { depth: depth + 1, budget: passOn, deadline }
    },
  }
}

export interface Calling<M extends MethodName> extends Allowance {
  method: M
  request: RequestOf<M>
  callId: string
  /** the task that it is about; absent: none yet */
  taskId?: string
  agent: string
  caller: string
  sessionId: string | null
}

export function callOf<M extends MethodName>(calling: Calling<M>): Omit<A2aRequested, Stamped> {
  const { method, request, callId, taskId = callId, agent, caller, sessionId, depth, budget, deadline } = calling
  return {
    ...{ task_id: taskId, call_id: callId, method, agent, caller, deadline, depth, budget },
    ...{ session_id: sessionId, body: JSON.stringify(methodOf(method).request.toJSON(request)) },
  }
}

export type Answered = Pick<A2aRequested, 'task_id' | 'call_id' | 'method' | 'agent' | 'caller' | 'session_id'>

/** One part of an answer. `call.task_id`: the task that it is about. */
export function partOf<M extends MethodName>(
  call: Answered,
  method: M,
  response: ResponseOf<M>,
  { part = 0, last = true }: { part?: number; last?: boolean } = {},
): Outgoing {
  const json = methodOf(method).response.toJSON(response)
  return answer(call, { part, last, body: json === null ? null : JSON.stringify(json), error_code: null, error: null })
}

export const refusedPart = (call: Answered, refusal: Refusal, part = 0): Outgoing =>
  answer(call, { part, last: true, body: null, error_code: codeOf(refusal), error: refusal.message })

const answer = (
  { task_id, call_id, method, agent, caller, session_id }: Answered,
  rest: Pick<A2aResponded, 'part' | 'last' | 'body' | 'error_code' | 'error'>,
): Outgoing => emit('A2aResponded', { task_id, call_id, method, agent, caller, session_id, ...rest })

/** Adds the version as a header: for an agent's `seal`. */
export function withVersion(event: string, record: EncodedRecord): EncodedRecord {
  if (event !== 'A2aRequested' && event !== 'A2aResponded') return record
  return { ...record, headers: { ...record.headers, [HEADERS.version]: VERSION } }
}
