import { setTimeout as wait } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { untilShown } from '../../bus/kafka/shown.ts'

const LIMITS = { stillMs: 20, pollMs: 1 }
const problem = (left: readonly number[]) => `${left.length} are not shown`

it('waits for a slow cluster as long as more of the change appears', async () => {
  const left = [1, 2, 3, 4]
  const slowly = async () => {
    await wait(2 * LIMITS.stillMs)
    left.pop()
    return [...left]
  }
  await untilShown(slowly, problem, LIMITS)
  expect(left).toEqual([])
})

it('gives up on a cluster that shows nothing more, and names what is left', async () => {
  await expect(untilShown(async () => [1, 2], problem, LIMITS)).rejects.toThrow('2 are not shown, and has shown nothing more for 0.02 s') // prettier-ignore
})
