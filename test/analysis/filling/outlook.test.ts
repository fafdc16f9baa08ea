/** When something is full. */
import { describe, expect, it } from 'vitest'
import type { Forecast } from '../../../analysis/filling/forecasts.ts'
import { Outlook } from '../../../analysis/filling/outlook.ts'
import { severityOf } from '../../../analysis/filling/severity.ts'
import { replay } from '../../../lab/replay/replay.ts'
import { randomFrom } from '../../../bench/rankings/measures.ts'
import { noise } from '../watch/shop.ts'

const START = Date.parse('2026-03-02T00:00:00Z')
const MINUTE = 60_000
const HOUR = 60 * MINUTE

interface Followed {
  stepMs: number
  steps: number
  indicator?: string
  unit?: string
  /** of the volume `data`, or of several by name */
  share(step: number): number | null | Readonly<Record<string, number>>
}

function follow({ stepMs, steps, indicator = 'disk', unit = 'ratio', share }: Followed): Forecast[] {
  const outlook = new Outlook({ stepMs })
  return Array.from({ length: steps }, (_, step) => {
    const [time, shares] = [START + step * stepMs, share(step)]
    const each: Readonly<Record<string, number>> =
      shares === null ? {} : typeof shares === 'number' ? { data: shares } : shares
    for (const [instance, value] of Object.entries(each)) outlook.add({ service: 'cart', instance, indicator, unit, time, value }) // prettier-ignore
    return outlook.advance(time)
  }).flat()
}
const told = (forecasts: readonly Forecast[]): string[] => forecasts.map(({ phase, ending }) => `${phase} ${ending ?? ''}`.trim()) // prettier-ignore

/** A leak of an hour after three. */
const leak = (step: number): number => 0.3 + 0.7 * (Math.max(0, step - 180) / 60) + 0.005 * noise(step)

describe('what fills up', () => {
  it('in the lab, a leak of memory is foretold before the process dies', { timeout: 120_000 }, async () => {
    const onset = START + 11 * MINUTE
    const fault = { name: 'memory-leak', at: onset, until: null } as const
    const { samples } = await replay({ start: START, end: START + 19 * MINUTE, random: randomFrom(3), fault })
    const catalog = samples.filter(({ service, indicator }) => service === 'catalog' && indicator === 'memory_ratio')
    const death = catalog.find(({ time, value }, at) => time > onset && value < catalog[at - 1]!.value / 2)!.time
    const outlook = new Outlook({ stepMs: 10_000 })
    const said = catalog.flatMap((sample) => {
      outlook.add(sample)
      return outlook.advance(sample.time)
    })
    const [forecast, last] = [said[0]!, said.at(-1)!]
    expect(forecast.phase).toBe('produced')
    expect(forecast.at).toBeLessThan((onset + death) / 2)
    expect(Math.abs(forecast.full.at - death)).toBeLessThan(0.2 * (death - forecast.at))
    expect(last.phase).toBe('closed')
    expect(last.at).toBeLessThanOrEqual(death)
  })

  it('is foretold over weeks by its trend of days, whatever the time of day does', () => {
    const days = (step: number): number => step / 24
    const share = (step: number) =>
      Math.min(1, 0.4 + (0.6 * days(step)) / 16 + 0.03 * Math.sin(2 * Math.PI * days(step)))
    const [forecast, ...rest] = follow({ stepMs: HOUR, steps: 24 * 17, share })
    const full = START + 15.5 * 24 * HOUR
    expect(forecast).toMatchObject({ phase: 'produced', resource: 'disk', service: 'cart', instance: 'data', limit: 1 })
    expect(Math.abs(forecast!.full.at - full)).toBeLessThan(0.2 * (full - forecast!.at))
    expect(told(rest).at(-1)).toBe('closed full')
    // and again when it is less than a day away, though the date is the same
    expect(severityOf(forecast!)).toBe('info')
    const urgent = rest.find((one) => severityOf(one) === 'warning')!
    expect(urgent).toMatchObject({ phase: 'revised', id: forecast!.id })
    expect(full - urgent.at).toBeGreaterThan(12 * HOUR)
  })

  it('is foretold in spite of what each day adds, as the days before it show', () => {
    const [leaks, length] = [6 * 144, 300]
    const share = (step: number) => 0.25 + (0.75 * Math.max(0, step - leaks)) / length + 0.06 * Math.sin((2 * Math.PI * step) / 144 + 2) + 0.005 * noise(step) // prettier-ignore
    const until = leaks + length / 2
    const said = follow({ stepMs: 10 * MINUTE, steps: until, indicator: 'memory_ratio', share })
    const full =
      START + Array.from({ length: 2 * length }, (_, at) => leaks + at).find((step) => share(step) >= 1)! * 10 * MINUTE
    const last = said.at(-1)!
    expect(last.ending).toBeNull()
    expect(Math.abs(last.full.at - full)).toBeLessThan(0.1 * (full - (START + until * 10 * MINUTE)))
    for (const { time, value } of last.path.slice(0, -1)) expect(Math.abs(value - share((time - START) / (10 * MINUTE)))).toBeLessThan(0.02) // prettier-ignore
  })

  it('is revised when it fills up much faster, and not each hour', () => {
    const minutes = (step: number): number => step / 6
    const share = (step: number) => leak(minutes(step) < 205 ? minutes(step) : 205 + 2.5 * (minutes(step) - 205))
    const [first, ...others] = follow({ stepMs: MINUTE / 6, steps: 6 * 216, share })
    expect([first!.phase, ...new Set(others.map(({ phase }) => phase))]).toEqual(['produced', 'revised'])
    expect(others.length).toBeLessThanOrEqual(2)
    expect(others.at(-1)!.full.at).toBeLessThan(first!.full.at)
  })

  it('is closed when it is freed, slows down or is not measured any more', () => {
    const until = (step: number, then: (step: number) => number | null) =>
      told(follow({ stepMs: MINUTE, steps: 400, share: (at) => (at < step ? leak(at) : then(at)) }))
    expect(until(220, () => 0.3)).toEqual(['produced', 'closed freed'])
    expect(until(220, (step) => leak(220) + 0.005 * noise(step))).toEqual(['produced', 'closed slowed'])
    expect(until(220, () => null)).toEqual(['produced', 'closed no_data'])
  })

  it('is closed when it is freed long after it was foretold, though more is used than then', () => {
    const days = (step: number): number => step / 24
    const share = (step: number) => 0.4 + 0.01 * noise(step) + 0.04 * (days(step) < 12 ? days(step) : 12 * 0.6)
    const said = follow({ stepMs: HOUR, steps: 24 * 13, indicator: 'disk', share })
    expect(told(said)).toEqual(['produced', 'closed freed'])
    expect(said.at(-1)!.at).toBe(START + 12 * 24 * HOUR)
    expect(said.at(-1)!.now).toBeGreaterThan(said[0]!.now)
  })

  it('is closed once it should have been full and is not', () => {
    const days = (step: number): number => step / 24
    const share = (step: number) => 0.4 + 0.01 * noise(step) + 0.03 * Math.min(12, days(step))
    const said = follow({ stepMs: HOUR, steps: 24 * 23, indicator: 'disk', share })
    expect(told(said)).toEqual(['produced', 'closed slowed'])
    // judged again within 40 hours
    expect(said.at(-1)!.at).toBeLessThanOrEqual(said[0]!.full.latest! + 40 * HOUR)
  })

  it('is one forecast, however often garbage is collected on the way', () => {
    const share = (step: number) => 0.2 + 0.5 * (step / 24 / 18) + 0.3 * ((step % 7) / 7) + 0.005 * noise(step)
    expect(told(follow({ stepMs: HOUR, steps: 24 * 14, indicator: 'memory_ratio', share }))).toEqual(['produced'])
  })

  it('is about the instance that it was foretold of, not about one that rises and falls by day beside it', () => {
    const daily = (step: number) => 0.2 + 0.6 * ((step % 144) / 144) + 0.003 * noise(step)
    const slow = (step: number) => 0.3 + 0.004 * noise(step + 9) + (0.6 * Math.max(0, step - 144 * 8)) / (144 * 6)
    const said = follow({ stepMs: 10 * MINUTE, steps: 144 * 12, share: (step) => ({ daily: daily(step), slow: slow(step) }) }) // prettier-ignore
    expect(said.map(({ phase, instance }) => `${phase} ${instance}`)).toEqual(['produced slow'])
  })

  it('is not what rises and falls by day, each day anew', () => {
    const share = (step: number) => 0.2 + 0.6 * ((step % 144) / 144) + 0.003 * noise(step)
    expect(follow({ stepMs: 10 * MINUTE, steps: 144 * 8, share })).toEqual([])
  })

  it('is not closed after a gap in which nothing was judged, though some instances are measured again later than others', () => {
    const outlook = new Outlook({ stepMs: MINUTE })
    const gap = { from: 1040, to: 1085 }
    const leaking = (step: number) => 0.2 + 0.8 * (Math.max(0, step - 900) / 360) + 0.005 * noise(step)
    const said = Array.from({ length: 1100 }, (_, step) => {
      if (step >= gap.from && step < gap.to) return []
      const time = START + step * MINUTE
      const about = { service: 'cart', indicator: 'memory_ratio', unit: 'ratio', time }
      outlook.add({ ...about, instance: 'calm', value: 0.3 + 0.005 * noise(step) })
      if (step < gap.from || step > gap.to + 3) outlook.add({ ...about, instance: 'leaking', value: leaking(step) })
      return outlook.advance(time)
    }).flat()
    expect(told(said)).toEqual(['produced'])
    expect(said[0]!.at).toBeLessThan(START + gap.from * MINUTE)
  })

  it('may count down: a certificate, an error budget', () => {
    const days = (step: number): number => 20 - step / 24
    const [certificate] = follow({
      stepMs: HOUR,
      steps: 24 * 8,
      indicator: 'certificate_expiry',
      unit: 'days',
      share: days,
    })
    expect(certificate).toMatchObject({ resource: 'certificate', limit: 0 })
    expect(Math.abs(certificate!.full.at - START - 20 * 24 * HOUR)).toBeLessThan(HOUR)
    const left = (step: number): number => 1 - leak(step)
    expect(follow({ stepMs: MINUTE, steps: 230, indicator: 'error_budget_remaining', share: left })[0]).toMatchObject({ resource: 'error_budget', limit: 0 }) // prettier-ignore
  })

  it('is nothing that cannot be full, or whose limit is unknown', () => {
    expect(follow({ stepMs: MINUTE, steps: 230, indicator: 'cpu_ratio', share: leak })).toEqual([])
    expect(follow({ stepMs: MINUTE, steps: 230, indicator: 'memory', unit: 'bytes', share: leak })).toEqual([])
  })

  it.each([
    'disk_io_ratio',
    'memory_cache_hit_ratio',
    'memory_pressure_ratio',
    'connection_error_ratio',
    'pool_success_ratio',
    'queue_wait_ratio',
  ])('is nothing that a resource does, such as %s', (indicator) => {
    expect(follow({ stepMs: MINUTE, steps: 230, indicator, share: leak })).toEqual([])
    expect(follow({ stepMs: MINUTE, steps: 230, indicator, share: (step) => 1 - leak(step) })).toEqual([])
  })

  it('is nothing that was full already, before anybody could foretell it', () => {
    // a pool of ten connections, which now and then gets one back
    const share = (step: number) => (step < 180 ? 0 : step < 188 ? (step - 179) / 10 : step % 4 === 0 ? 0.9 : 1)
    expect(follow({ stepMs: MINUTE, steps: 240, indicator: 'connections', share })).toEqual([])
  })

  it('is followed after a restart as if there had been none', () => {
    const feed = (outlook: Outlook, from: number, to: number): Forecast[] =>
      Array.from({ length: to - from }, (_, step) => {
        const time = START + (from + step) * MINUTE
        outlook.add({ service: 'cart', indicator: 'memory_ratio', unit: 'ratio', time, value: leak(from + step) })
        return outlook.advance(time)
      }).flat()
    const whole = new Outlook({ stepMs: MINUTE })
    const before = feed(whole, 0, 215)
    const state = JSON.parse(JSON.stringify(whole.snapshot())) as ReturnType<Outlook['snapshot']>
    const restarted = new Outlook({ stepMs: MINUTE }, state)
    expect(told(before)).toEqual(['produced'])
    expect(feed(restarted, 215, 260)).toEqual(feed(whole, 215, 260))
  })
})
