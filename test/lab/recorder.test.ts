import { expect, test } from 'vitest'
import { openRecorder } from '../../lab/recorder.ts'
import { readRecording } from '../../recording/read.ts'
import { folder } from '../recording/recording-dir.ts'

const HOUR_MS = 3_600_000
const noon = Date.parse('2026-03-01T12:00:00Z')
const sample = (time: number) => ({ time, service: 'cart', instance: 'cart-1', indicator: 'cpu', unit: 'cores', value: 1 }) // prettier-ignore

test('data is kept for six to seven hours, across a restart', async () => {
  const dir = await folder()
  let now = noon
  const run = async (hours: number) => {
    const recorder = await openRecorder(dir, () => now, 10_000)
    for (const end = now + hours * HOUR_MS; now < end; now += HOUR_MS / 4) {
      recorder.samples([sample(now)])
      recorder.log({ timestamp: now, service: 'cart', message: new Date(now).toISOString() })
    }
    await recorder.close()
    expect(recorder.failure()).toBeNull()
    const { observations } = await readRecording(dir)
    return { ...observations, first: observations.logs[0]!.timestamp, points: observations.series[0]!.times.length }
  }
  expect(await run(7)).toMatchObject({ first: noon, points: 28 })
  const { first, points, window } = await run(5.5)
  expect(now - first).toBeGreaterThanOrEqual(6 * HOUR_MS)
  expect(now - first).toBeLessThanOrEqual(7.5 * HOUR_MS)
  expect(points).toBe((now - first) / (HOUR_MS / 4))
  expect(first - window.start).toBeLessThan(HOUR_MS / 4)
})
