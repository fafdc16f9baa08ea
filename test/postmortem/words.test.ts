/** Times and spans as a report prints them. */
import { describe, expect, it } from 'vitest'
import { count, inZone, span, utc } from '../../postmortem/words.ts'

describe('a span', () => {
  it.each([
    [0, '0 ms'],
    [999.6, '1 s'],
    [43_000, '43 s'],
    [59_600, '1 min'],
    [60_000, '1 min'],
    [119_700, '2 min'],
    [119_400, '1 min 59 s'],
    [3_599_900, '1 h'],
    [3_900_000, '1 h 5 min'],
    [86_399_000, '1 d'],
    [90_000_000, '1 d 1 h'],
    [172_799_000, '2 d'],
  ])('of %d ms', (ms, said) => {
    expect(span(ms).en).toBe(said)
  })
})

describe('an amount', () => {
  it('is told as exactly as the share beside it: 1.42 of 11 is not 1 of 11', () => {
    expect([0, 1.42, 11, 99.949, 100.4, 7200.6].map(count)).toEqual(['0', '1.42', '11', '99.9', '100', '7,201'])
  })
})

describe('a time', () => {
  it('is UTC, or of a zone', () => {
    expect(utc(Date.parse('2026-11-23T15:55:19.900Z'))).toBe('2026-11-23 15:55:19 UTC')
    expect(inZone(Date.parse('2026-11-23T15:55:19Z'), 'Asia/Taipei')).toBe('2026-11-23 23:55:19 (Asia/Taipei)')
  })

  it('that no calendar has is printed as it was given', () => {
    expect(utc(9e15)).toBe('9000000000000000 ms')
    expect(inZone(9e15, 'Asia/Taipei')).toBe('9000000000000000 ms')
    expect(utc(1.7e15)).toMatch(/^\+0\d{5}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/)
  })
})
