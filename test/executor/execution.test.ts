/** Whether an action ran if the control-plane refuses, answers late or its responses are lost. */
import { expect, it } from 'vitest'
import { carryOut, endOf, tryOut } from '../../agents/executor/execution.ts'
import type { Freeze } from '../../agents/executor/freezes.ts'
import type { ToolResult } from '../../agents/runtime/tool-result.ts'
import type { ControlPlaneWriter, Execution } from '../../agents/tools/tools.ts'
import { approvalRequested } from '../events/requests.ts'

type Answer = ToolResult<Execution>
const call = { tool: 'control-plane', operation: 'execute', query: '', range: null, link: null, warnings: [], incomplete: false, durationMs: 1 } // prettier-ignore
const ok = (status: string): Answer => ({ ...call, status: 'ok', summary: status, data: { execution_id: 'e1', status, output: null } }) // prettier-ignore
const lost: Answer = { ...call, status: 'failed', summary: 'no answer within 10 s', error: 'no answer within 10 s', data: null } // prettier-ignore
const refused: Answer = { ...call, status: 'no_data', summary: '403: not you', data: null }
const FREEZE: Freeze = { tenant: null, by: 'olivia', reason: 'audit week', since: 0 }

/** Long enough for a few polls of something that never ends. */
const SHORT_MS = 1700
/** After the list, the last response is repeated. */
function controlPlane(posts: readonly Answer[], looks: readonly Answer[] = [ok('running')], frozenFrom = Infinity) {
  const keys: string[] = []
  const asked = { posts: 0, looks: 0, begun: 0 }
  const writer: ControlPlaneWriter = {
    execute: async ({ idempotencyKey }) => {
      keys.push(idempotencyKey)
      return posts[Math.min(asked.posts++, posts.length - 1)]!
    },
    execution: async () => looks[Math.min(asked.looks++, looks.length - 1)]!,
  }
  const begin = async () => {
    const before = asked.begun > 0
    if (asked.begun >= frozenFrom) return { frozen: FREEZE, before, key: 'k' }
    asked.begun += 1
    return { frozen: null, before, key: 'k' }
  }
  return { keys, asked, options: { writer, approvals: { begin }, executionLimitMs: 60_000 } }
}
const context = { signal: new AbortController().signal, traceparent: null, requestId: null, tenant: 'default' }
const end = async ({ options }: ReturnType<typeof controlPlane>, executionLimitMs = options.executionLimitMs) =>
  endOf({
    ...(await carryOut(approvalRequested(), { ...options, executionLimitMs }, context)),
    id: 'ev',
    redactions: 0,
  })

it.concurrent('keeps polling after a failed poll, and reports the outcome', async () => {
  expect(await end(controlPlane([ok('running')], [lost, ok('success')]))).toEqual({
    outcome: 'succeeded',
    code: null,
    error: null,
  })
  expect(await end(controlPlane([ok('running')], [lost, ok('failed')]))).toMatchObject({
    outcome: 'failed',
    code: 'execution_failed',
  })
})

it.concurrent('has an unknown outcome if every poll fails, or it is still running', async () => {
  const silent = await end(controlPlane([ok('running')], [lost]), SHORT_MS)
  expect(silent).toMatchObject({ outcome: 'unknown', code: 'still_running' })
  expect(silent.error).toMatch(/still running at the time limit.*the last status query failed: no answer within 10 s/)
  expect(await end(controlPlane([ok('running')]), SHORT_MS)).toMatchObject({ outcome: 'unknown' })
})

it.concurrent('sends the same key again after a lost response', async () => {
  const asked = controlPlane([lost, ok('success')])
  expect(await end(asked)).toMatchObject({ outcome: 'succeeded' })
  expect(new Set(asked.keys).size).toBe(1)
  expect(asked.keys).toHaveLength(2)
})

it.concurrent('is unknown if no response ever arrives', async () => {
  expect(await end(controlPlane([lost]), SHORT_MS)).toEqual({
    outcome: 'unknown',
    code: 'no_answer',
    error: 'no answer within 10 s',
  })
})

it.concurrent('did not run if the control-plane refuses; after a lost response a refusal proves nothing', async () => {
  expect(await end(controlPlane([refused]))).toEqual({ outcome: 'not_run', code: 'refused', error: '403: not you' })
  const late = await end(controlPlane([lost, refused]))
  expect(late).toMatchObject({ outcome: 'unknown', code: 'no_answer' })
  expect(late.error).toMatch(/got no answer; then: 403/)
})

it.concurrent('is not started during a freeze, nor sent again', async () => {
  const frozen = controlPlane([ok('success')], [], 0)
  expect(await end(frozen)).toMatchObject({ outcome: 'not_run', code: 'frozen', error: expect.stringContaining('audit week') as string }) // prettier-ignore
  expect(frozen.keys).toEqual([])
  const between = controlPlane([lost, ok('success')], [], 1)
  expect(await end(between)).toMatchObject({ outcome: 'unknown' })
  expect(between.keys).toHaveLength(1)
})

it.concurrent('waits for a dry run like any execution, and repeats a lost one', async () => {
  const asked = controlPlane([lost, ok('pending')], [ok('success')])
  expect(await tryOut(approvalRequested(), asked.options, context)).toMatchObject({ data: { status: 'success' } })
  expect(asked.asked.begun).toBe(0)
})
