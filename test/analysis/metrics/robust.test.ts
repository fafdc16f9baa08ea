import fc from '../../properties/seeded.ts'
import { describe, expect, it } from 'vitest'
import { median, quantileOf, quantileOfSorted, sortedOf } from '../../../analysis/metrics/robust.ts'

const numbers = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }), { maxLength: 200 })
/** Few different values, as counters and rounded measurements have. */
const repeated = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 200 })

describe('an order statistic', () => {
  it('by selection equals that of the sorted values', () =>
    fc.assert(
      fc.property(fc.oneof(numbers, repeated), fc.double({ min: 0, max: 1, noNaN: true }), (values, share) => {
        const sorted = Float64Array.from(values).sort()
        expect(quantileOf(values, share)).toBeCloseTo(quantileOfSorted(sorted, share), 9)
      }),
    ))

  it('does not reorder the given values', () => {
    const values = Float64Array.from({ length: 100 }, (_, index) => (index * 37) % 100)
    const asGiven = values.slice()
    quantileOf(values, 0.3)
    sortedOf(values)
    expect(values).toEqual(asGiven)
  })

  it('of an even number of values is the mean of the middle two', () => {
    expect(median([3, 1])).toBe(2)
    expect(median([4, 1, 3, 2])).toBe(2.5)
    expect(median([])).toBe(0)
  })
})
