import { expect, test } from 'vitest'
import { Thinned } from '../../recording/thinned.ts'

const spans = (traces: number) =>
  Array.from({ length: traces * 4 }, (_, at) => ({ traceId: `trace-${at % traces}`, text: `span ${at}` }))

test('keeps whole traces, and about the expected share', () => {
  const thinned = new Thinned<{ traceId: string; text: string }>({ most: 500 })
  for (const span of spans(1000)) thinned.push(span)
  const sizes = [...Map.groupBy(thinned.items, ({ traceId }) => traceId).values()].map((kept) => kept.length)
  expect(new Set(sizes)).toEqual(new Set([4]))
  expect(thinned.items.length).toBeLessThanOrEqual(500)
  expect(sizes.length * thinned.stride).toBeGreaterThan(700)
  expect(sizes.length * thinned.stride).toBeLessThan(1300)
})

test('keeps the same traces for lines and spans', () => {
  const [few, fewer] = [500, 120].map((most) => {
    const thinned = new Thinned<{ traceId: string; text: string }>({ most })
    for (const span of spans(1000)) thinned.push(span)
    return new Set(thinned.items.map(({ traceId }) => traceId))
  })
  expect([...(fewer ?? [])].every((id) => few?.has(id))).toBe(true)
})

test('limits the size too, and ignores all-zero trace ids', () => {
  const thinned = new Thinned<{ traceId: string; text: string }>({
    most: 1000,
    mostSize: 10_000,
    sizeOf: ({ text }) => text.length,
  })
  for (let at = 0; at < 100; at += 1) thinned.push({ traceId: '0000', text: 'x'.repeat(1_000) })
  expect(thinned.items.length).toBeGreaterThan(4)
  expect(thinned.items.length).toBeLessThanOrEqual(10)
})

test('downsamples a single trace that exceeds the limit', () => {
  const thinned = new Thinned<{ traceId: string }>({ most: 10 })
  for (let at = 0; at < 1_000; at += 1) thinned.push({ traceId: 'one' })
  expect(thinned.items.length).toBeGreaterThan(2)
  expect(thinned.items.length).toBeLessThanOrEqual(10)
})
