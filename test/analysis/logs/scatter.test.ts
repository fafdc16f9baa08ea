/** Bursty templates: a burst as large as earlier ones is not unusual. */
import { describe, expect, it } from 'vitest'
import { randomFrom } from '../../../bench/rankings/measures.ts'
import { dispersionOf } from '../../../analysis/counts.ts'
import { compareTemplates } from '../../../analysis/logs/changes.ts'
import type { LogLine } from '../../../analysis/observations.ts'

const MINUTE = 60_000
const baseline = { start: 0, end: 30 * MINUTE }
const window = { start: 30 * MINUTE, end: 35 * MINUTE }
const line = (timestamp: number, message: string): LogLine => ({ timestamp, service: 'cart', level: 'WARN', message })
const even = (count: number, from: number, to: number, message: string): LogLine[] =>
  Array.from({ length: count }, (_, n) => line(from + ((to - from) * n) / count, message))

/** A constant rate, so that the total volume of the service hardly changes. */
const usual = even(3_500, 0, window.end, 'served a request')
const changes = (lines: readonly LogLine[], tidy = usual) => {
  const all = [...tidy, ...lines]
  const [before, during] = [all.filter((one) => one.timestamp < window.start), all.filter((one) => one.timestamp >= window.start)] // prettier-ignore
  return compareTemplates(before, during, { baseline, window })
}
const burst = (at: number): LogLine[] => even(20, at * MINUTE, (at + 0.2) * MINUTE, 'the pool was reset')

describe('counts of lines', () => {
  it('have a dispersion of 1 if even or random, and more in bursts', () => {
    expect(dispersionOf(Uint32Array.of(5, 5, 5, 5))).toBe(1)
    expect(dispersionOf(Uint32Array.of(0, 20, 0, 0))).toBe(20)
    expect(dispersionOf(new Uint32Array(4))).toBe(1)
  })

  it('grew for an even template, but not for the usual burst of a bursty one', () => {
    const evenly = even(60, 0, baseline.end, 'the pool was reset')
    const now = [...burst(31), ...burst(33)]
    expect(changes([...evenly, ...now])).toMatchObject([{ kind: 'grew', before: 60, during: 40 }])
    expect(changes([...burst(3), ...burst(14), ...burst(25), ...now])).toEqual([])
  })

  it('vanished for an even template, but not for a bursty one between bursts', () => {
    expect(changes(even(120, 0, baseline.end, 'the pool was reset'))).toMatchObject([{ kind: 'vanished' }])
    expect(changes([3, 6, 9, 14, 21, 25].flatMap(burst))).toEqual([])
  })

  it('are not bursty because of a retention gap or a single very old line', () => {
    const kept = ({ timestamp }: LogLine): boolean => timestamp > 10 * MINUTE || timestamp < 2 * MINUTE
    const evenly = even(60, 0, baseline.end, 'the pool was reset').filter(kept)
    expect(changes([...evenly, ...burst(31), ...burst(33)], usual.filter(kept))).toMatchObject([{ kind: 'grew' }])
    expect(changes([line(-1e12, 'served a request'), ...evenly, ...burst(31), ...burst(33)])).toMatchObject([{ kind: 'grew' }]) // prettier-ignore
  })

  it('are not bursty because the estimated onset is slightly late', () => {
    expect(changes([...even(20, 29.5 * MINUTE, baseline.end, 'the pool was reset'), ...even(200, 30 * MINUTE, window.end, 'the pool was reset')])).toMatchObject([{ kind: 'grew', before: 20 }]) // prettier-ignore
  })

  it('are seldom unusual for bursty templates if nothing changed', () => {
    const random = randomFrom(3)
    const bursty = (message: string): LogLine[] => {
      const lines: LogLine[] = []
      for (let at = 0; at < window.end; at += -Math.log(1 - random()) * 2 * MINUTE) lines.push(...even(Math.ceil(40 * random()), at, at + 5_000, message)) // prettier-ignore
      return lines.filter(({ timestamp }) => timestamp < window.end)
    }
    const told = Array.from({ length: 40 }, () => changes(['ab', 'cd', 'ef', 'gh', 'ij'].flatMap((name) => bursty(`${name} was reset`)))) // prettier-ignore
    expect(told.flat().length / 200).toBeLessThan(0.02)
  })
})
