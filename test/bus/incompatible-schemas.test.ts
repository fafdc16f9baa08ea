import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { incompatibleSchemas, registerSchemas } from '../../bus/create.ts'
import { type Contract, loadContract } from '../../schemas/contract.ts'
import { kafka } from '../servers/kafka.ts'

/** Subjects of its own: the registry is shared. */
function contractWith(change: (schema: { fields: object[] }) => void, run: string): Contract {
  const contract = loadContract()
  const topics = contract.topics.slice(0, 2).map((topic, at) => {
    const schema = structuredClone(topic.schema) as unknown as { fields: object[] }
    if (at === 0) change(schema)
    return { ...topic, subject: `${topic.name}-${run}-value`, schema: schema as unknown as typeof topic.schema }
  })
  return { ...contract, topics }
}

test('a registered schema that is incompatible with this version is reported by its subject', async () => {
  const { registryUrl } = await kafka()
  const run = randomUUID()
  const ours = contractWith(() => undefined, run)
  expect(await incompatibleSchemas({ registryUrl }, ours)).toEqual([])
  const theirs = contractWith(({ fields }) => void (fields[0] = { ...fields[0], type: 'int' }), run)
  await registerSchemas({ registryUrl }, theirs)
  const told = await incompatibleSchemas({ registryUrl }, ours)
  expect(told.length).toBeGreaterThan(0)
  for (const one of told) expect(one).toContain(`${ours.topics[0]?.subject}: `)
}, 180_000)

test('several that register the same schemas at the same time all get the same ids', async () => {
  const { registryUrl } = await kafka()
  const ours = contractWith(() => undefined, randomUUID())
  const ids = await Promise.all(Array.from({ length: 6 }, () => registerSchemas({ registryUrl }, ours)))
  for (const one of ids) expect(one).toEqual(ids[0])
}, 180_000)
