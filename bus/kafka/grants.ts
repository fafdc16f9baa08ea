/** The permissions implied by topics.yaml: producers write; consumers read, and write to their dead-letter topics. */
import type { Contract } from '../../schemas/contract.ts'

export interface Grant {
  part: string
  resource: 'topic' | 'group'
  name: string
  pattern: 'literal' | 'prefixed'
  /** both include DESCRIBE */
  operation: 'read' | 'write'
}

export function grantsOf({ topics, foreignTopics, deadLetterTopics, groups }: Contract): Grant[] {
  const onTopic = (operation: Grant['operation'], name: string) => (part: string) =>
    ({ part, resource: 'topic', name, pattern: 'literal', operation }) as const
  return [
    ...topics.flatMap(({ name, producers, consumers }) => [
      ...producers.map(onTopic('write', name)),
      ...consumers.map(onTopic('read', name)),
    ]),
    ...foreignTopics.flatMap(({ name, consumers }) => consumers.map(onTopic('read', name))),
    ...deadLetterTopics.map(({ name, consumer }) => onTopic('write', name)(consumer)),
    ...Object.entries(groups).flatMap(([part, names]) =>
      names.map((name): Grant => ({
        ...{ part, resource: 'group', operation: 'read' },
        ...(name.endsWith('*') ? { name: name.slice(0, -1), pattern: 'prefixed' } : { name, pattern: 'literal' }),
      })),
    ),
  ]
}

export const partsOf = (contract: Contract): string[] => [...new Set(grantsOf(contract).map(({ part }) => part))]
