/** What the source reads of the topic, and when it reads it again. Time is in seconds from 0, and a step is ten of them. */
import { describe, expect, it } from 'vitest'
import { otlpSource } from '../../../agents/anomaly/otlp/source.ts'
import { request, type ResourceMetrics } from '../../../agents/anomaly/otlp/wire.ts'
import type { Delivery } from '../../../bus/bus.ts'
import { createLog } from '../../../cli/log.ts'
import { gauge, number, resource } from './points.ts'

const STEP = 10_000
const SIGNAL = new AbortController().signal

/** A topic with what was written in each second, in order. */
function topic(written: readonly (readonly [second: number, ResourceMetrics])[]) {
  const begun: number[] = []
  let next = 0
  const at = (place: number): number => written[place]![0] * 1000
  return {
    begun,
    records: {
      topic: 'otlp_metrics',
      async from(time: number) {
        begun.push(time / 1000)
        next = written.findIndex((_, place) => at(place) >= time)
        if (next === -1) next = written.length
      },
      async *read(until: number): AsyncGenerator<Delivery> {
        for (; next < written.length && at(next) <= until; next += 1) {
          const value = Buffer.from(request.encode({ resourceMetrics: [written[next]![1]] }).finish())
          yield { topic: 'otlp_metrics', key: null, value, headers: {}, origin: { timestamp: at(next) } } as unknown as Delivery // prettier-ignore
        }
      },
      close: () => Promise.resolve(),
    },
  }
}

const measured = (seconds: readonly number[], service = 'cart') =>
  seconds.map((at) => [at, resource({ 'service.name': service }, gauge({ name: 'queue' }, number(at, { at })))] as const) // prettier-ignore

function opened(written: Parameters<typeof topic>[0], clock = () => 1_000_000) {
  const { records, begun } = topic(written)
  const source = otlpSource({
    ...{ records, clock, stepMs: STEP, latenessMs: 0 },
    publish: () => Promise.resolve(),
    isOwned: ({ service }) => service !== 'theirs',
    log: createLog({ level: 'silent' }),
  })
  const read = async (start: number, end: number, tenant = 'default', service = 'cart') => {
    const target = { tenant, service, namespace: null, strict: false }
    const { samples } = await source.read([target], { start: start * 1000, end: end * 1000 }, STEP, SIGNAL)
    return samples.map(({ time }) => time / 1000)
  }
  return { source, read, begun }
}

const EACH = Array.from({ length: 100 }, (_, at) => 10 * (at + 1))

describe('the topic', () => {
  it('is read on from where the last steps ended', async () => {
    const { read, begun } = opened(measured(EACH))
    expect(await read(300, 330)).toEqual([310, 320, 330])
    expect(await read(330, 350)).toEqual([340, 350])
    expect(begun).toEqual([180])
  })

  it('is read again from where a tenant was, if what it was given was not kept', async () => {
    const { read, begun } = opened(EACH.flatMap((at) => [...measured([at]), ...measured([at], 'mail')]))
    await read(300, 330)
    await read(330, 350)
    expect(await read(320, 360)).toEqual([330, 340, 350, 360])
    expect(begun).toEqual([180, 200])
    // another tenant begins where it was, and does not make the first one read again
    expect(await read(350, 360, 'other', 'mail')).toEqual([360])
    expect(await read(360, 370)).toEqual([370])
    expect(begun).toHaveLength(2)
  })

  it('is read again for what was skipped, once this process watches more services', async () => {
    const { source, read, begun } = opened(EACH.flatMap((at) => [...measured([at]), ...measured([at], 'mail')]))
    source.only!(({ service }) => service === 'mail')
    expect([await read(300, 330), await read(300, 330, 'default', 'mail')]).toEqual([[], [310, 320, 330]])
    expect((await source.owners(SIGNAL)).map(({ service }) => service)).toEqual(['cart', 'mail'])
    source.only!(() => true)
    expect(await read(310, 340)).toEqual([320, 330, 340])
    // what was kept of the others is not read again
    expect(await read(330, 340, 'default', 'mail')).toEqual([340])
    expect(begun).toEqual([180, 190])
  })

  it('is not read in between when another process watched meanwhile', async () => {
    const { read, begun } = opened(measured(EACH))
    await read(300, 330)
    expect(await read(800, 820)).toEqual([810, 820])
    expect(begun).toEqual([180, 680])
  })

  it('is only glanced at as long as nobody watches, from the last minutes each time', async () => {
    let now = 500
    const written = [...measured(EACH.slice(0, 40)), ...measured([405], 'theirs'), ...measured(EACH.slice(40))]
    const { source, begun } = opened(written, () => now * 1000)
    expect(await source.owners(SIGNAL)).toEqual([{ service: 'cart', namespace: null }])
    now = 530
    await source.owners(SIGNAL)
    expect(begun).toEqual([320])
    now = 700
    expect(await source.owners(SIGNAL)).toEqual([{ service: 'cart', namespace: null }])
    expect(begun).toEqual([320, 520])
  })

  it('may have a writer whose clock is ahead, which does not hide that nothing is written', async () => {
    let now = 400
    const ahead = [900, resource({ 'service.name': 'cart' }, gauge({ name: 'queue' }, number(1, { at: 900 })))] as const
    const { records } = topic([...measured([380, 390]), ahead])
    const source = otlpSource({
      ...{ records: { ...records, read: () => records.read(Infinity) }, clock: () => now * 1000 },
      ...{ stepMs: STEP, latenessMs: 0, isOwned: () => true, publish: () => Promise.resolve() },
      log: createLog({ level: 'silent' }),
    })
    const target = { tenant: 'default', service: 'cart', namespace: null, strict: false }
    const read = (start: number, end: number) => source.read([target], { start: start * 1000, end: end * 1000 }, STEP, SIGNAL) // prettier-ignore
    await read(300, 390)
    expect(source.unhealthy()).toBeNull()
    now = 600
    await read(390, 600)
    expect(source.unhealthy()).toBe('otlp_metrics: nothing was written for 200 s')
  })
})
