/** A report waits for the events before it. */
import { expect, it } from 'vitest'
import { catchUp } from '../../agents/postmortem/catch-up.ts'
import { SESSIONS_GROUP } from '../../agents/postmortem/fold.ts'
import type { Lag } from '../../bus/bus.ts'

const of = (records: number, group = SESSIONS_GROUP): Lag => ({ group, topic: 't', records })
const { signal } = new AbortController()
/** answers in this order, the last one for ever */
function busSaying(...answers: Lag[][]) {
  let asked = 0
  return { asked: () => asked, lag: async () => answers[Math.min(asked++, answers.length - 1)]! }
}

it('until all were read', async () => {
  const bus = busSaying([of(2), of(0)], [of(0), of(1)], [of(0), of(0), of(9, 'other')])
  expect(await catchUp(bus, signal)).toBe(0)
  expect(bus.asked()).toBe(3)
})

it('not for ever, and says how many were not', async () => {
  expect(await catchUp(busSaying([of(2), of(3)]), signal, 0)).toBe(5)
})

it('also while this process has not begun to read them: none being behind means nothing then', async () => {
  const bus = busSaying([], [of(7, 'other')], [of(1)], [of(0)])
  expect(await catchUp(bus, signal)).toBe(0)
  expect(bus.asked()).toBe(4)
  await expect(catchUp(busSaying([]), signal, 0)).rejects.toThrow('the events of sessions are not being read yet')
})
