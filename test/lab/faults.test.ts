/** Every fault of the lab in the simulated shop: it has its effect, it ends, and nothing that an agent can read names it. */
import { expect, test } from 'vitest'
import { randomFrom } from '../../bench/rankings/measures.ts'
import { FAULT_NAMES, type FaultName } from '../../lab/faults.ts'
import { replay, type Replayed } from '../../lab/replay/replay.ts'
import { TELLING } from './telling.ts'

const START = Date.parse('2026-03-02T10:00:00Z')
const at = (seconds: number): number => START + seconds * 1000
const [ON, OFF, END] = [180, 480, 660]

interface Levels {
  before: number
  during: number
  after: number
}

/** The highest value of each part; the first minute of the fault, and of the time after it, is left out. */
function highest({ samples }: Replayed, service: string, indicator: string): Levels {
  const of = (from: number, until: number): number =>
    Math.max(
      ...samples
        .filter(
          (one) =>
            one.service === service && one.indicator === indicator && one.time >= at(from) && one.time < at(until),
        ) // prettier-ignore
        .map(({ value }) => value),
    )
  return { before: of(40, ON), during: of(ON + 60, OFF), after: of(OFF + 60, END) }
}

/** Ratio of the highest level during the fault to that before it; what is never zero in a healthy shop. */
const rise = (told: Replayed, service: string, indicator: string): number => {
  const { before, during } = highest(told, service, indicator)
  return during / before
}

const errors = (told: Replayed, service: string): Levels => highest(told, service, 'error_ratio')

const effects: Readonly<Record<FaultName, (told: Replayed) => void>> = {
  'bad-release': (told) => {
    expect(rise(told, 'cart', 'latency_p95')).toBeGreaterThan(5)
    expect(told.changes.map(({ service, type }) => `${service} ${type}`)).toEqual(['cart DEPLOYMENT', 'cart DEPLOYMENT']) // prettier-ignore
  },
  'memory-leak': (told) => {
    expect(rise(told, 'catalog', 'memory')).toBeGreaterThan(2)
    expect(rise(told, 'cart', 'memory')).toBeLessThan(1.1)
  },
  'cpu-burn': (told) => {
    expect(rise(told, 'cart', 'cpu')).toBeGreaterThan(10)
    expect(rise(told, 'cart', 'latency_p50')).toBeGreaterThan(3)
  },
  'slow-dependency': (told) => {
    expect(rise(told, 'catalog', 'latency_p50')).toBeGreaterThan(10)
    expect(errors(told, 'catalog')).toMatchObject({ before: 0, during: 0 })
  },
  'error-burst': (told) => {
    expect(errors(told, 'catalog').during).toBeGreaterThan(0.2)
    expect(errors(told, 'catalog')).toMatchObject({ before: 0, after: 0 })
  },
  'bad-configuration': (told) => {
    expect(errors(told, 'checkout').during).toBeGreaterThan(0.9)
    expect(errors(told, 'checkout')).toMatchObject({ before: 0, after: 0 })
    expect(errors(told, 'payment').during).toBe(0)
    const [change] = told.changes
    expect(change).toMatchObject({ at: at(ON), type: 'CONFIG_UPDATE', service: 'checkout' })
    expect(change).toMatchObject({ before: { payment_timeout_ms: 1500 }, after: { payment_timeout_ms: 15 } })
  },
  'dependency-down': (told) => {
    expect(highest(told, 'payment', 'memory').during).toBe(-Infinity) // nothing is measured
    expect(errors(told, 'checkout').during).toBeGreaterThan(0.9)
    expect(errors(told, 'checkout').after).toBe(0)
  },
  'pool-exhausted': (told) => {
    expect(highest(told, 'cart', 'connections').during).toBe(1)
    expect(highest(told, 'cart', 'connections_waited_for').during).toBeGreaterThan(0)
    expect(errors(told, 'cart').during).toBeGreaterThan(0.5)
    // the connections are gone until the process is replaced
    expect(errors(told, 'cart').after).toBeGreaterThan(0.5)
  },
  'disk-filling': (told) => {
    const { before, during } = highest(told, 'payment', 'disk')
    expect(before).toBeLessThan(0.1)
    expect(during).toBeGreaterThan(0.4)
  },
  'traffic-surge': (told) => {
    expect(rise(told, 'frontend', 'request_rate')).toBeGreaterThan(1.5)
    expect(errors(told, 'frontend').during).toBe(0)
    expect(rise(told, 'frontend', 'latency_p95')).toBeLessThan(2)
  },
  'innocent-deployment': (told) => {
    expect(told.changes[0]).toMatchObject({ at: at(ON), service: 'catalog' })
    expect(errors(told, 'catalog').during).toBe(0)
    expect(errors(told, 'payment').during).toBeGreaterThan(0.2)
  },
  nothing: (told) => {
    expect(errors(told, 'frontend').during).toBe(0)
    expect(rise(told, 'frontend', 'latency_p95')).toBeLessThan(2)
    expect(told.changes).toEqual([])
  },
}

test.each(FAULT_NAMES)('%s has its effect, and is named nowhere', async (name) => {
  const fault = { name, at: at(ON), until: at(OFF) }
  const told = await replay({ start: START, end: at(END), random: randomFrom(7), fault })
  effects[name](told)
  const text = JSON.stringify([told.logs, told.changes, [...new Set(told.samples.map(({ indicator }) => indicator))]])
  expect(TELLING.exec(text)?.[0]).toBeUndefined()
  expect(text).not.toContain(name)
})

test('a process at its memory limit dies, and its successor is healthy', async () => {
  const fault = { name: 'memory-leak', at: at(60), until: null } as const
  const { samples } = await replay({ start: START, end: at(1200), random: randomFrom(3), fault })
  const memory = samples.filter(({ service, indicator }) => service === 'catalog' && indicator === 'memory_ratio')
  const values = memory.map(({ value }) => value)
  const top = values.indexOf(Math.max(...values))
  expect(values[top]).toBeGreaterThan(0.9)
  expect(Math.max(...values.slice(top + 1))).toBeLessThan(0.3)
})
