import { describe, expect, it } from 'vitest'
import { Watcher, type WatcherState } from '../../../analysis/watch/watcher.ts'
import { at, during, errorsOf, latencyOf, type Measure, noise, samplesAt, START, STEP, told, trafficOf, watch } from './shop.ts' // prettier-ignore

const FAULT = during(300, 360, 400)
const HOUR = 360

describe('watching a service', () => {
  it('says nothing of a day without faults', () => {
    const measures = ['front', 'cart', 'store', 'mail'].flatMap((one) => [latencyOf(one), errorsOf(one), trafficOf(one)]) // prettier-ignore
    const { announced, watcher } = watch(measures, 24 * HOUR)
    expect(announced).toEqual([])
    expect(watcher.counts().judged).toBe(24 * HOUR * measures.length)
  })

  it('announces a change that lasts once, with its range and since when, and closes it once it is over', () => {
    const { announced } = watch([latencyOf('cart', FAULT), errorsOf('cart'), trafficOf('cart')], 600)
    expect(told(announced)).toEqual(['opened cart', 'closed cart recovered'])
    const [opened, closed] = announced
    expect(opened).toMatchObject({ id: `cart@${at(301)}`, severity: 'critical', since: at(300), at: at(301), services: ['cart'] }) // prettier-ignore
    expect(opened!.series).toMatchObject([{ indicator: 'latency_p95', direction: 'above', felt: true, since: at(300) }])
    expect(opened!.series[0]!.upper).toBeLessThan(150)
    expect(closed).toMatchObject({ id: opened!.id, since: at(300), at: at(371) })
  })

  it('does not announce a spike of one step', () => {
    expect(watch([latencyOf('cart', during(300, 301, 4_000))], 600).announced).toEqual([])
  })

  it('announces what users do not feel with a lower severity', () => {
    const memory = (more: number): Measure => ({
      ...{ service: 'cart', indicator: 'memory', unit: 'bytes' },
      value: (step) => 1e9 + 1e7 * noise(step) + during(300, 360, more)(step),
    })
    const { announced } = watch([memory(2e9), latencyOf('cart')], 600)
    expect(announced[0]).toMatchObject({ phase: 'opened', severity: 'info', series: [{ indicator: 'memory', felt: false }] }) // prettier-ignore
  })

  it('announces no surge of traffic and no change for the better, but a loss of traffic', () => {
    const surge = watch([trafficOf('cart', (step) => 50 + during(300, 400, 500)(step))], 600)
    const faster = watch([latencyOf('cart', during(300, 400, -80))], 600)
    expect([...surge.announced, ...faster.announced]).toEqual([])
    const lost = watch([trafficOf('cart', (step) => 50 - during(300, 400, 50)(step))], 600)
    expect(told(lost.announced)).toEqual(['opened cart', 'closed cart recovered'])
    expect(lost.announced[0]!.series[0]).toMatchObject({ direction: 'below' })
  })

  it('calls a change that stays the new normal after an hour', () => {
    const { announced } = watch([latencyOf('cart', (step) => (step >= 300 ? 400 : 0))], 300 + 2 * HOUR)
    expect(told(announced)).toEqual(['opened cart', 'closed cart settled'])
    expect(announced[1]!.at - announced[1]!.since).toBeGreaterThanOrEqual(3_600_000)
  })

  it('gives an anomaly that comes back another id, even if the series was never quite in its range in between', () => {
    const glowing = (step: number) => during(300, 310, 400)(step) + during(310, 350, 40)(step) + during(350, 360, 600)(step) // prettier-ignore
    const { announced } = watch([latencyOf('cart', glowing)], 600)
    expect(told(announced)).toEqual(['opened cart', 'closed cart recovered', 'opened cart', 'closed cart recovered'])
    const [first, , second, last] = announced
    expect(second!.since).toBe(first!.since)
    expect(second!.id).not.toBe(first!.id)
    expect(last!.id).toBe(second!.id)
  })

  it('raises the bar of a series that often leaves its range by itself', () => {
    const restless = (step: number) => (step % 90 < 4 && step < 3_000 ? 60 : 0)
    const opens = (more: (step: number) => number) =>
      watch([latencyOf('cart', more)], 3_300).announced.filter(({ phase, at: when }) => phase === 'opened' && when > at(3_100)).length // prettier-ignore
    const fault = during(3_200, 3_230, 150)
    expect(opens(fault)).toBe(1)
    expect(opens((step) => restless(step) + fault(step))).toBe(0)
  })

  it('counts failures by their share where there is one: one failed request is no outage', () => {
    const failures: Measure = { service: 'cart', indicator: 'error_rate', unit: '1/s', value: during(300, 310, 10) }
    expect(watch([failures, errorsOf('cart', during(300, 310, 0.001))], 600).announced).toEqual([])
    expect(told(watch([failures], 600).announced)).toEqual(['opened cart', 'closed cart recovered'])
  })
})

describe('services that call each other', () => {
  it('are one anomaly, which starts from the one that calls no other', () => {
    const measures = ['front', 'cart', 'store'].map((one) => latencyOf(one, FAULT))
    const { announced } = watch([...measures, latencyOf('mail')], 600)
    expect(told(announced)).toEqual(['opened store', 'closed store recovered'])
    expect(announced[0]!.services.toSorted()).toEqual(['cart', 'front', 'store'])
  })

  it('are one anomaly even if the fault is seen at the caller first', () => {
    const { announced } = watch([latencyOf('front', FAULT), latencyOf('cart', during(320, 360, 400))], 600)
    expect(told(announced)).toEqual(['opened front', 'updated cart', 'closed cart recovered'])
    expect(announced[1]).toMatchObject({ id: announced[0]!.id, services: expect.arrayContaining(['front', 'cart']) })
  })

  it('join the older of two anomalies if they turn out to be connected', () => {
    const measures = [latencyOf('front', FAULT), latencyOf('store', during(310, 360, 400)), latencyOf('cart', during(330, 360, 400))] // prettier-ignore
    const { announced } = watch(measures, 600)
    expect(told(announced).slice(0, 3)).toEqual(['opened front', 'opened store', 'closed store joined'])
    expect(announced[2]!.joined).toBe(announced[0]!.id)
    expect(told(announced).slice(3)).toEqual(['updated store', 'closed store recovered'])
  })

  it('are separate anomalies if they do not', () => {
    const { announced } = watch([latencyOf('cart', FAULT), latencyOf('mail', FAULT)], 600)
    expect(
      told(announced)
        .filter((one) => one.startsWith('opened'))
        .toSorted(),
    ).toEqual(['opened cart', 'opened mail'])
  })
})

describe('exceptions', () => {
  const maintenance = { service: 'cart', start: at(290), end: at(330), reason: 'maintenance' } as const

  it('keep an anomaly out and count it once; what outlasts them is announced', () => {
    const short = watch([latencyOf('cart', during(300, 320, 400))], 600, { exceptions: [maintenance] })
    expect(short.announced).toEqual([])
    expect(short.watcher.counts().kept).toEqual({ maintenance: 1, expected: 0, deployment: 0 })
    expect(short.watcher.takeKeptOut()).toEqual([{ service: 'cart', reason: 'maintenance' }])
    expect(short.watcher.takeKeptOut()).toEqual([])
    const long = watch([latencyOf('cart', FAULT)], 600, { exceptions: [maintenance] })
    expect(long.announced[0]).toMatchObject({ phase: 'opened', since: at(300), at: at(330) })
  })

  it('close an open anomaly that they begin to cover', () => {
    const { announced } = watch([latencyOf('cart', FAULT)], 600, {
      exceptions: [{ ...maintenance, start: at(320), end: at(500), reason: 'expected' }],
    })
    expect(told(announced)).toEqual(['opened cart', 'closed cart expected'])
    expect(announced[1]!.at).toBe(at(320))
  })

  it('cover the indicators they name: what else goes off is announced, without these', () => {
    const expected = { service: 'cart', start: at(290), end: at(500), reason: 'expected', indicators: ['latency_p95'] } as const // prettier-ignore
    const { announced, watcher } = watch([latencyOf('cart', FAULT), errorsOf('cart', during(320, 360, 0.2))], 600, { exceptions: [expected] }) // prettier-ignore
    expect(told(announced)).toEqual(['opened cart', 'closed cart recovered'])
    expect(announced[0]).toMatchObject({ at: at(321), series: [{ indicator: 'error_ratio' }] })
    expect(announced[0]!.series).toHaveLength(1)
    expect(watcher.counts().kept.expected).toBe(1)
  })

  it('of a deployment delay what is less severe, once, and leave alone what is open', () => {
    const deployment = {
      service: 'cart',
      start: at(290),
      end: at(330),
      reason: 'deployment',
      below: 'critical',
    } as const
    const memory = (from: number, to: number): Measure => ({
      ...{ service: 'cart', indicator: 'memory', unit: 'bytes' },
      value: (step) => 1e9 + 1e7 * noise(step) + during(from, to, 2e9)(step),
    })
    const of = (...measures: Measure[]) => {
      const { announced, watcher } = watch(measures, 600, { exceptions: [deployment] })
      return [...announced.map(({ phase, at: when }) => `${phase} ${(when - START) / STEP}`), watcher.counts().kept.deployment] // prettier-ignore
    }
    expect(of(memory(300, 320))).toEqual([1])
    expect(of(memory(300, 360))).toEqual(['opened 330', 'closed 371', 1])
    expect(of(memory(280, 360))).toEqual(['opened 281', 'closed 371', 0])
    expect(of(memory(300, 360), latencyOf('cart', during(310, 360, 400)))).toEqual(['opened 311', 'closed 371', 1])
  })

  it('are of one service only', () => {
    expect(told(watch([latencyOf('mail', FAULT)], 600, { exceptions: [maintenance] }).announced)[0]).toBe('opened mail')
  })
})

describe('what is measured badly', () => {
  it('an hour without any sample is a gap, not an anomaly, and an open one is closed for want of data', () => {
    const away = (measure: Measure): Measure => ({ ...measure, value: (step) => (step >= 310 && step < 310 + HOUR ? null : measure.value(step)) }) // prettier-ignore
    const calm = ['front', 'cart'].map((one) => away(latencyOf(one)))
    expect(watch(calm, 1_000).announced).toEqual([])
    const { announced } = watch([away(latencyOf('cart', during(300, 320, 400)))], 1_000)
    expect(told(announced)).toEqual(['opened cart', 'closed cart no_data'])
  })

  it('keeps its state as JSON whatever a series does that has been constant', () => {
    const queue: Measure = { service: 'cart', indicator: 'queue_depth', unit: '', value: during(300, 400, 50) }
    const state = watch([queue], 310).watcher.snapshot()
    expect(state.open).toHaveLength(1)
    expect(JSON.parse(JSON.stringify(state))).toEqual(state)
  })

  it('knows after a restart what was off, and misses it', () => {
    const measures = [latencyOf('cart', during(300, 500, 400)), latencyOf('mail')]
    const before = watch(measures, 310)
    const watcher = Watcher.restored(JSON.parse(JSON.stringify(before.watcher.snapshot())) as WatcherState, { stepMs: STEP, latenessMs: 0 }) // prettier-ignore
    const announced = [...before.announced]
    for (let step = 310; step < 400; step += 1) {
      for (const sample of samplesAt(step, measures.slice(1))) watcher.add(sample)
      announced.push(...watcher.advance(at(step)))
    }
    expect(told(announced)).toEqual(['opened cart', 'closed cart no_data'])
  })

  it('forgets a series that was off when a week began without any sample', () => {
    const away = 8 * 24 * HOUR
    const errors = errorsOf('cart')
    const { watcher } = watch([latencyOf('cart', during(300, 400, 400)), errors], 310)
    for (const sample of samplesAt(310 + away, [errors])) watcher.add(sample)
    expect(told(watcher.advance(at(310 + away)))).toEqual([])
    expect(watcher.size).toEqual({ services: 1, series: 1 })
  })

  it('follows a service while its pods come and go', () => {
    const pods = Array.from({ length: 100 }, (_, pod): Measure => {
      const own = latencyOf('cart')
      return { ...own, instance: `cart-${pod}`, value: (step) => (step >= pod * 30 && step < pod * 30 + 45 ? own.value(step) : null) } // prettier-ignore
    })
    const rates = pods.map((pod) => ({ ...trafficOf('cart', () => 25), instance: pod.instance!, value: (step: number) => (pod.value(step) === null ? null : 25) })) // prettier-ignore
    const { announced, watcher } = watch(pods, 3_000)
    expect(announced).toEqual([])
    expect(watcher.size).toEqual({ services: 1, series: 1 })
    expect(watch(rates, 3_000).watcher.size.series).toBe(1)
  })

  it('notices one slow pod among many', () => {
    const pods = Array.from({ length: 9 }, (_, pod) => ({ ...latencyOf('cart', pod === 4 ? FAULT : undefined), instance: `cart-${pod}` })) // prettier-ignore
    expect(told(watch(pods, 600).announced)[0]).toBe('opened cart')
  })

  it('drops and counts samples that are late, in the future or not numbers, and takes the last of repeated ones', () => {
    const { watcher } = watch([latencyOf('cart')], 100)
    const sample = { service: 'cart', indicator: 'latency_p95', unit: 'ms', value: 100 }
    watcher.add({ ...sample, time: START + 20 * STEP })
    watcher.add({ ...sample, time: START + 100 * STEP, value: Number.NaN })
    watcher.add({ ...sample, time: START + 100 * STEP, value: Infinity })
    watcher.add({ ...sample, time: START + 10_000 * STEP }, at(100))
    watcher.add({ ...sample, time: START + 100 * STEP, value: 9_000 })
    watcher.add({ ...sample, time: START + 100 * STEP })
    expect(watcher.advance(at(100))).toEqual([])
    expect(watcher.counts()).toMatchObject({ late: 1, future: 1, notNumbers: 2, judged: 101 })
  })

  it('treats a metric in another unit as another metric', () => {
    const inSeconds: Measure = { ...latencyOf('cart'), unit: 's', value: (step) => (step < 300 ? null : 0.1 + 0.005 * noise(step)) } // prettier-ignore
    const inMs: Measure = { ...latencyOf('cart'), value: (step) => (step < 300 ? 100 + 5 * noise(step) : null) }
    expect(watch([inMs, inSeconds], 900).announced).toEqual([])
  })

  it('watches no more series than allowed, and counts the samples left out', () => {
    const measures = Array.from({ length: 50 }, (_, index) => ({ ...latencyOf('cart'), indicator: `latency_${index}` }))
    const { watcher } = watch(measures, 10, { mostSeries: 20 })
    expect(watcher.size).toEqual({ services: 1, series: 20 })
    expect(watcher.counts().beyond).toBe(300)
  })

  it('forgets series that were not measured for a week', () => {
    const old: Measure = { ...latencyOf('cart'), value: (step) => (step < 10 ? 100 : null) }
    const rare: Measure = { ...latencyOf('mail'), value: (step) => (step % HOUR === 0 ? 100 : null) }
    expect(watch([old, rare], 9 * 24 * HOUR).watcher.size).toEqual({ services: 1, series: 1 })
  })

  it('watches a series anew that comes back just when it is forgotten', () => {
    const away = 9 * 24 * HOUR
    const [cart, mail] = [latencyOf('cart'), latencyOf('mail')]
    const { watcher } = watch([cart], 100)
    for (const sample of [...samplesAt(100 + away, [mail]), ...samplesAt(101 + away, [cart])]) watcher.add(sample)
    watcher.advance(at(100 + away))
    expect(watcher.size).toEqual({ services: 1, series: 1 })
    watcher.advance(at(101 + away))
    expect(watcher.size).toEqual({ services: 2, series: 2 })
    expect(watcher.snapshot().services.map(({ service, series }) => `${service} ${series.length}`)).toEqual([
      'mail 1',
      'cart 1',
    ])
  })
})
