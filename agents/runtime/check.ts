/** Checks that what an agent declares to consume and publish matches `topics.yaml`. */
import type { Contract } from '../../schemas/contract.ts'
import type { EventName } from '../../schemas/events.generated.ts'
import type { Agent, Emission, Outgoing } from './agent.ts'

const consumedBy = (agent: Agent): EventName[] => [
  ...new Set([...(Object.keys(agent.on) as EventName[]), ...(agent.cancelledBy ?? [])]),
]

/** Throws one error that lists every mismatch with `topics.yaml`. */
export function checkAgents(agents: readonly Agent[], contract: Contract): void {
  const wrong = agents.flatMap((agent) => {
    const reads = consumedBy(agent).map((event) => contract.topicOf(event))
    const unread = reads.filter(({ consumers }) => !consumers.includes(agent.name))
    const unwritten = agent.publishes.map((event) => contract.topicOf(event)).filter(({ producers }) => !producers.includes(agent.name)) // prettier-ignore
    const hasLetters = reads.every(({ name }) => contract.deadLetterTopics.some((one) => one.of === name && one.consumer === agent.name)) // prettier-ignore
    return [
      ...unread.map(({ name }) => `${agent.name} is no consumer of ${name}`),
      ...unwritten.map(({ name }) => `${agent.name} is no producer of ${name}`),
      ...(hasLetters || unread.length > 0 ? [] : [`${agent.name} is not among the consumers with dead letters`]),
    ]
  })
  if (wrong.length > 0) throw new Error(`topics.yaml does not match the agents:\n  ${wrong.join('\n  ')}`)
}

/** Throws when an agent publishes an event it does not declare. */
export function declared(agent: Agent, emission: Emission): Emission {
  const events = Array.isArray(emission) ? (emission as readonly Outgoing[]) : [emission as Outgoing]
  const unknown = events.find(({ event }) => !agent.publishes.includes(event))
  if (unknown !== undefined)
    throw new TypeError(`${agent.name} publishes an event that it does not declare: ${unknown.event}`)
  return emission
}
