import { A2AError, RequestMalformedError, TaskNotFoundError } from '@a2a-js/sdk/errors'
import { expect, test } from 'vitest'
import { agentAt, HEADERS, interfaceOf, METHODS } from '../../agents/a2a/binding.ts'
import { type Allowance, budgetOf, firstCall, withVersion } from '../../agents/a2a/call.ts'
import { CallError, codeOf, refusalOf } from '../../agents/a2a/refusals.ts'

test('calls on behalf of calls end: they cost no more than the first allows, are not too deep, and wait no longer', () => {
  const first = firstCall(1000, 3)
  const budget = budgetOf(first)
  expect(budget.spend(1)).toEqual({ depth: 2, budget: 1, deadline: 1000 })
  expect(budget.spend(1)).toBeNull()
  expect(budget.spend()).toEqual({ depth: 2, budget: 0, deadline: 1000 })
  expect(budget.spend()).toBeNull()
  expect(budgetOf(firstCall(1000)).spend()).toBeNull()
  let [call, calls]: [Allowance | null, number] = [firstCall(1000, 100), 0]
  for (; call !== null; calls++) call = budgetOf(call).spend(call.budget - 1)
  expect(calls).toBe(4)
})

test('an error keeps its kind over the bus; one that this A2A does not know keeps its code', () => {
  for (const error of [new TaskNotFoundError('no task'), new RequestMalformedError('what?')]) {
    const read = refusalOf(codeOf(error), error.message)
    expect(read).toBeInstanceOf(error.constructor)
    expect(read).toBeInstanceOf(A2AError)
    expect(read.message).toBe(error.message)
  }
  const own = refusalOf('OF_A_LATER_VERSION', 'new')
  expect(own).toBeInstanceOf(CallError)
  expect(codeOf(own)).toBe('OF_A_LATER_VERSION')
})

test('a card names the agent in the URL of its interface, and another URL is refused', () => {
  const { url } = interfaceOf('postmortem', 'sre.a2a.requested.v1')
  expect(url).toBe('topic:sre.a2a.requested.v1?agent=postmortem')
  expect(agentAt(url)).toBe('postmortem')
  for (const wrong of ['https://example.com/?agent=postmortem', 'topic:sre.a2a.requested.v1', 'nonsense', ''])
    expect(() => agentAt(wrong), wrong).toThrow('no agent in the URL')
})

test('has every method of A2A 1.0, and adds the version to calls and answers only', () => {
  expect(Object.keys(METHODS)).toHaveLength(11)
  const record = { topic: 't', key: 'k', value: Buffer.from('v'), headers: { traceparent: '00' } }
  expect(withVersion('A2aRequested', record).headers).toEqual({ traceparent: '00', [HEADERS.version]: '1.0' })
  expect(withVersion('DiagnosisCompleted', record)).toBe(record)
})
