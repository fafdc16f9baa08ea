import type { Contract } from '../../schemas/contract.ts'

/** The contract with prefixed topic names, for a shared broker. */
export function ownTopics(contract: Contract, prefix: string): Contract {
  const topics = contract.topics.map((topic) => ({
    ...topic,
    name: `${prefix}${topic.name}`,
    subject: `${prefix}${topic.subject}`,
  }))
  return {
    topics,
    foreignTopics: contract.foreignTopics.map((topic) => ({ ...topic, name: `${prefix}${topic.name}` })),
    deadLetterTopics: contract.deadLetterTopics.map((topic) => ({
      ...topic,
      name: `${prefix}${topic.name}`,
      of: `${prefix}${topic.of}`,
    })),
    groups: contract.groups,
    topicOf: (event) => topics.find((topic) => topic.event === event) ?? contract.topicOf(event),
    topicNamed: (name) => topics.find((topic) => topic.name === name),
  }
}
