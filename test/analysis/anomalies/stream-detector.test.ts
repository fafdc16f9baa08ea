import fc from '../../properties/seeded.ts'
import { describe, expect, it } from 'vitest'
import { SnapshotFormatError, StreamDetector } from '../../../analysis/anomalies/stream-detector.ts'

const judge = (values: readonly number[], stepMs = 300_000, start = Date.parse('2026-01-01T00:00:00Z')) => {
  const detector = new StreamDetector()
  return values.map((value, at) => detector.judge(start + at * stepMs, value))
}
/** Deterministic noise. */
const noise = (at: number): number => ((Math.imul(at + 1, 0x9e3779b1) >>> 0) / 2 ** 32 - 0.5) * 2
const calm = (count: number): number[] => Array.from({ length: count }, (_, at) => 100 + noise(at) * 5)
const anomalies = (judged: ReturnType<typeof judge>): number[] =>
  judged.flatMap(({ anomaly }, at) => (anomaly ? [at] : []))

describe('streaming anomaly detection', () => {
  it('ignores noise and finds a spike and a drop', () => {
    expect(anomalies(judge(calm(2_000)))).toEqual([])
    const values = calm(600)
    values[400] = 200
    values[500] = 0
    expect(anomalies(judge(values))).toEqual([400, 500])
  })

  it('reports the start of a lasting shift, then adapts to it', () => {
    const values = calm(1_200).map((value, at) => (at < 600 ? value : value + 100))
    const found = anomalies(judge(values))
    expect(found[0]).toBe(600)
    expect(found.at(-1)).toBeLessThan(900)
  })

  it('reports nothing for a constant series until it moves', () => {
    expect(anomalies(judge([...Array<number>(500).fill(7), 8, ...Array<number>(20).fill(7)]))[0]).toBe(500)
    expect(anomalies(judge(Array<number>(500).fill(0)))).toEqual([])
  })

  it('does not report the return to normal after spikes and dropouts, short or long', () => {
    const day = 288
    const season = (at: number): number => 100 + 80 * Math.sin((2 * Math.PI * at) / day) + noise(at) * 2
    const walk: number[] = []
    for (let at = 0; at < 5_000; at += 1) walk.push((walk.at(-1) ?? 0) + noise(at))
    const bases: Record<string, (at: number) => number> = {
      zeros: () => 0,
      'one value': () => 7,
      noise: (at) => 100 + noise(at) * 5,
      'the least noise': (at) => 100 + noise(at) * 0.01,
      counts: (at) => Math.max(0, Math.round(noise(at) * 2)),
      'rare ones': (at) => (noise(at) > 0.97 ? 1 : 0),
      'a season': season,
      'a walk': (at) => walk[at]!,
    }
    for (const [name, base] of Object.entries(bases)) {
      const plain = Array.from({ length: 5_000 }, (_, at) => base(at))
      const ordinary = anomalies(judge(plain))
      for (const size of [-100, 300, 1e7])
        for (const wide of [1, 2, 5])
          for (const begins of [[4_000], [4_000, 4_050]]) {
            const strange = begins.flatMap((begin) => Array.from({ length: wide }, (_, at) => begin + at))
            const values = plain.map((value, at) => (strange.includes(at) ? value + size : value))
            const found = anomalies(judge(values))
            const what = `${begins.length} of ${size}, ${wide} wide, in ${name}`
            expect(
              found.filter((at) => !strange.includes(at) && !ordinary.includes(at)),
              what,
            ).toEqual([])
            expect(found, what).toContain(4_000)
          }
    }
  })

  it('learns a daily pattern', () => {
    const day = 288
    const shape = (at: number): number => 100 + 80 * Math.sin((2 * Math.PI * at) / day) + noise(at) * 2
    const judged = judge(Array.from({ length: 14 * day }, (_, at) => shape(at)))
    expect(anomalies(judged.slice(7 * day))).toEqual([])
  })

  it('learns weekends, and reports a working day that looks like one', () => {
    const day = 288
    const isQuiet = (at: number): boolean => Math.floor(at / day) % 7 >= 5
    const value = (at: number): number => (isQuiet(at) ? 100 : 100 + 80 * Math.sin((2 * Math.PI * at) / day) ** 2)
    const values = Array.from({ length: 8 * 7 * day }, (_, at) => value(at) + noise(at) * 2)
    const lastWeek = 7 * 7 * day
    const holiday = lastWeek + 2 * day
    expect(anomalies(judge(values)).filter((at) => at >= lastWeek)).toEqual([])
    const disturbed = values.map((normal, at) => (at >= holiday && at < holiday + day ? 100 + noise(at) * 2 : normal))
    const found = anomalies(judge(disturbed)).find((at) => at >= lastWeek)
    expect(found).toBeGreaterThan(holiday)
    expect(found).toBeLessThan(holiday + day / 3)
  })

  it('stops reporting recurring spikes of any size, and still reports a larger one', () => {
    const values = calm(3_000).map((value, at) => (at >= 300 && at % 37 === 0 ? 100_000 : value))
    values[2_500] = 10_000_000
    const found = anomalies(judge(values))
    expect(found.length).toBeGreaterThan(5)
    expect(found.length).toBeLessThan(30)
    expect(found).toContain(2_500)
  })

  it('reports a stuck sensor with a daily pattern, and nothing else', () => {
    const day = Array.from({ length: 14 * 288 }, (_, at) => 50 + 20 * Math.sin((2 * Math.PI * at) / 288) + noise(at))
    const [from, upTo] = [11 * 288 + 72, 11 * 288 + 216]
    const found = anomalies(judge(day.map((value, at) => (at >= from && at < upTo ? day[from]! : value))))
    expect(found.length).toBeGreaterThan(0)
    expect(found.filter((at) => at < from || at >= upTo + 12)).toEqual([])
  })

  it('reports few of the pulses with a period of 250 minutes, which does not divide a day', () => {
    const pulses = Array.from({ length: 14 * 288 }, (_, at) => (at % 50 < 3 ? 50 : 10) + noise(at))
    expect(anomalies(judge(pulses)).length).toBeLessThan(0.1 * (pulses.length / 50))
  })

  it('gets used to a nightly job, but not to more load than that at noon', () => {
    const isRunning = (at: number): boolean => at % 96 >= 11 && at % 96 < 16
    const values = Array.from({ length: 960 }, (_, at) => (isRunning(at) ? 85 : 55) + noise(at) * 0.4)
    const found = anomalies(judge(values, 900_000))
    expect(found.length).toBeLessThanOrEqual(4)
    expect(found.every((at) => at % 96 === 11)).toBe(true)
    const atNoon = values.map((value, at) => (at === 9 * 96 + 48 ? 130 : value))
    expect(anomalies(judge(atNoon, 900_000))).toEqual([...found, 9 * 96 + 48].sort((a, b) => a - b))
  })

  it('gives a higher score the further a point lies outside the bounds', () => {
    const scoreOf = (spike: number): number => judge([...calm(400), spike]).at(-1)?.score ?? NaN
    const scores = [105, 200, 1_000, 10_000].map((spike) => Number(scoreOf(spike).toFixed(4)))
    expect(scores).toEqual([...new Set(scores)].toSorted((a, b) => a - b))
    const { upper } = judge([...calm(400), 100]).at(-1) ?? {}
    expect(scoreOf((upper ?? NaN) * (1 + 1e-9))).toBeCloseTo(0.5)
    expect(scoreOf((upper ?? NaN) * (1 - 1e-9))).toBeLessThan(0.5)
  })

  it('keeps the score up while a disturbance lasts, although it gets used to it, and ranks it above the weeks before', () => {
    const minutes = 30 * 1_440
    const wave = (at: number): number => 100 + 50 * Math.sin((2 * Math.PI * at) / 1_440) + noise(at) * 5
    const [from, upTo] = [minutes - 3_000, minutes - 2_970]
    const isDisturbed = (at: number): boolean => at >= from && at < upTo
    const judged = judge(Array.from({ length: minutes }, (_, at) => wave(at) + (isDisturbed(at) ? (at % 2) * 40 : 0)), 60_000) // prettier-ignore
    expect(anomalies(judged).filter(isDisturbed).length).toBeLessThan(upTo - from)
    const others = judged.slice(minutes / 4, from).map(({ score }) => score)
    const lowest = Math.min(...judged.slice(from + 1, upTo).map(({ score }) => score))
    expect(others.filter((score) => score >= lowest).length).toBeLessThan(0.001 * minutes)
  })

  it('does not rank the first points it judges above those of later weeks', () => {
    const scores = judge(calm(4_000)).map(({ score }) => score)
    const highest = scores.slice(2_000).reduce((most, score) => Math.max(most, score))
    expect(highest).toBeGreaterThan(0)
    expect(scores.slice(0, 200).filter((score) => score > 1.5 * highest)).toEqual([])
  })

  it('refuses a snapshot of another release instead of misreading it', () => {
    const detector = new StreamDetector()
    for (const value of calm(100)) detector.judge(0, value)
    const { format, ...fields } = JSON.parse(detector.snapshot()) as { format: number }
    expect(() => detector.restore(JSON.stringify(fields))).toThrow(SnapshotFormatError)
    expect(() => detector.restore(JSON.stringify({ ...fields, format: format + 1 }))).toThrow(`format ${format + 1}`)
  })

  it('stores a few kilobytes, whatever the length of the series', () => {
    const detector = new StreamDetector()
    for (let hour = 0; hour < 5_000; hour += 1) detector.judge(Date.parse('2026-01-01T00:00:00Z') + hour * 3_600_000, noise(hour)) // prettier-ignore
    expect(detector.snapshot().length).toBeLessThan(10_000)
  })

  it('reads what it stored in numbers before it stored bytes', () => {
    const detector = new StreamDetector()
    const start = Date.parse('2026-01-01T00:00:00Z')
    // long enough to know days
    calm(1_000).forEach((value, at) =>
      detector.judge(start + at * 300_000, value + 10 * Math.sin((at * Math.PI) / 144)),
    )
    const { shapes, ...state } = JSON.parse(detector.snapshot()) as { shapes: { offsets: string; seen: string }[] }
    const bytes = (text: string) => Uint8Array.from(Buffer.from(text, 'base64'))
    const numbers = shapes.map((one) => ({ ...one, offsets: [...new Float32Array(bytes(one.offsets).buffer)], seen: [...bytes(one.seen)] })) // prettier-ignore
    expect(numbers[0]!.offsets.some((offset) => offset !== 0)).toBe(true)
    const second = new StreamDetector()
    second.restore(JSON.stringify({ ...state, shapes: numbers, format: 2 }))
    expect(JSON.parse(second.snapshot())).toEqual(JSON.parse(detector.snapshot()))
  })

  it('uses earlier points only, and continues identically after a restart', () => {
    const value = fc.oneof({ weight: 9, arbitrary: fc.double({ min: 0, max: 100, noNaN: true }) }, { weight: 1, arbitrary: fc.constant(NaN) }) // prettier-ignore
    fc.assert(
      fc.property(fc.array(value, { minLength: 50, maxLength: 200 }), fc.nat(49), (values, cut) => {
        const whole = judge(values)
        expect(judge(values.slice(0, cut))).toEqual(whole.slice(0, cut))
        const first = new StreamDetector()
        const start = Date.parse('2026-01-01T00:00:00Z')
        for (let at = 0; at < cut; at += 1) first.judge(start + at * 300_000, values[at] ?? NaN)
        const second = new StreamDetector()
        second.restore(first.snapshot())
        for (let at = cut; at < values.length; at += 1)
          expect(second.judge(start + at * 300_000, values[at] ?? NaN)).toEqual(whole[at])
      }),
      { numRuns: 50 },
    )
  })

  it('reports the same anomalies in any unit', () => {
    const values = calm(500)
    values[300] = 300
    const found = anomalies(judge(values))
    fc.assert(
      fc.property(fc.integer({ min: -20, max: 20 }), (power) => {
        expect(anomalies(judge(values.map((value) => value * 2 ** power)))).toEqual(found)
      }),
    )
  })
})
