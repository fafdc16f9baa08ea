import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { limitOf } from '../../agents/runtime/limit.ts'

test('aborts when the time is up', async () => {
  const { signal } = limitOf(1)
  await expect.poll(() => signal.aborted).toBe(true)
  expect(signal.reason).toMatchObject({ name: 'TimeoutError' })
})

test('aborts nothing after its work has ended, and keeps none of it in memory', async () => {
  const limit = limitOf(5)
  limit.stop()
  await wait(50)
  expect(limit.signal.aborted).toBe(false)
})

test('is aborted from the start without any time left, and never if there is no limit', () => {
  expect(limitOf(0).signal.aborted).toBe(true)
  expect(limitOf(Infinity).signal.aborted).toBe(false)
})
