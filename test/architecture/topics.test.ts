/** `topics.yaml` lists exactly the producers and consumers of every topic. */
import { describe, expect, it } from 'vitest'
import { EXCEPTION_EVENTS, EXCEPTIONS_GROUP } from '../../agents/anomaly/follow-exceptions.ts'
import { OTLP_GROUP } from '../../agents/anomaly/otlp/source.ts'
import { createAssistant } from '../../agents/assistant/assistant.ts'
import { createExecutor } from '../../agents/executor/executor.ts'
import { foldedEvents as sessionEvents, SESSIONS_GROUP } from '../../agents/postmortem/fold.ts'
import { reportEvents, REPORTS_GROUP } from '../../agents/postmortem/memory/reports.ts'
import { createPostmortem } from '../../agents/postmortem/postmortem.ts'
import type { Agent } from '../../agents/runtime/agent.ts'
import { groupsOf } from '../../agents/runtime/intake.ts'
import { reportedEvent } from '../../agents/runtime/status.ts'
import { CHANGES_GROUP, keptEvent } from '../../agents/tools/changes/fold.ts'
import { variables } from '../../cli/config.ts'
import { principalVariable } from '../../cli/topics/principals.ts'
import { approvalGroup, approvalTopics } from '../../embedded/control-plane/approvals/approvals.ts'
import { foldedEvents } from '../../gateway/views/fold.ts'
import { VIEWS_GROUP } from '../../gateway/views/views.ts'
import { loadContract } from '../../schemas/contract.ts'

const contract = loadContract()
const assistant = createAssistant({ postmortems: true } as Parameters<typeof createAssistant>[0])
const agents: readonly Agent[] = [
  assistant,
  createExecutor({} as Parameters<typeof createExecutor>[0]),
  createPostmortem({} as Parameters<typeof createPostmortem>[0]),
]
const readBy: Record<string, readonly string[]> = {
  ...Object.fromEntries(agents.map((one) => [one.name, [...Object.keys(one.on), ...(one.cancelledBy ?? [])]])),
  assistant: [...Object.keys(assistant.on), ...(assistant.cancelledBy ?? []), keptEvent],
  postmortem: ['PostmortemRequested', 'A2aRequested', ...sessionEvents, ...reportEvents],
  anomaly: EXCEPTION_EVENTS,
  gateway: foldedEvents,
  'control-plane': approvalTopics.map((name) => contract.topicNamed(name)?.event ?? name),
}
const isAgent = (name: string): boolean => agents.some((one) => one.name === name)

describe.each(contract.topics)('$name', ({ event, consumers, producers }) => {
  it('is read by exactly the consumers it lists', () => {
    const readers = Object.keys(readBy).filter((name) => readBy[name]?.includes(event))
    expect(readers.sort()).toEqual(consumers.toSorted())
  })

  it('is written by exactly the agents it lists', () => {
    const writers = agents
      .filter((one) => event === reportedEvent || one.publishes.includes(event))
      .map(({ name }) => name)
    expect(writers.sort()).toEqual(producers.filter(isAgent).sort())
  })
})

it('lists every consumer group in use, because an authorizer would refuse others', () => {
  expect(contract.groups).toEqual({
    ...Object.fromEntries(agents.map((one) => [one.name, groupsOf(one)])),
    assistant: [...groupsOf(assistant), CHANGES_GROUP],
    postmortem: ['sre-postmortem', SESSIONS_GROUP, REPORTS_GROUP],
    anomaly: [EXCEPTIONS_GROUP, `${OTLP_GROUP}*`],
    gateway: [`${VIEWS_GROUP}*`],
    'control-plane': [approvalGroup],
  })
})

it('has a principal variable for each part', () => {
  const parts = new Set(contract.topics.flatMap(({ producers, consumers }) => [...producers, ...consumers]))
  expect(Object.keys(variables)).toEqual(expect.arrayContaining([...parts].map(principalVariable)))
})
