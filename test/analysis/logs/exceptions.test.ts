import { describe, expect, it } from 'vitest'
import { exceptionIn } from '../../../analysis/logs/exceptions.ts'

const LINE_SEPARATOR = '\u2028'
/** So many characters that backtracking would exceed the test's timeout. */
const LONG = 400_000

describe('exceptions in log lines', () => {
  it.each([
    ['digits behind a place in Go', `XError:a.go:${'1'.repeat(LONG)}${LINE_SEPARATOR}`, 'XError'],
    ['places in Go without a number', `XError: ${'a.go:'.repeat(LONG / 5)}${LINE_SEPARATOR}`, 'XError'],
    ['words that end as no exception does', `XError: ${'A.a'.repeat(LONG / 3)}${LINE_SEPARATOR}`, 'XError'],
    ['spaces before a frame', `XError: x\n at${' '.repeat(LONG)}${LINE_SEPARATOR}`, 'XError'],
    [
      'a frame in Python without its end',
      `XError: x\nFile "a", line 1, in ${'x'.repeat(LONG)}${LINE_SEPARATOR}`,
      'XError',
    ],
  ])('reads a line of %s in linear time', (_what, line, type) => {
    expect(exceptionIn(line)?.type).toBe(type)
  })

  it.each([
    ['\tat com.shop.Cart.add(Cart.java:12)', 'com.shop.Cart.add(Cart.java:12)'],
    ['\tat com.shop.Cart.add(Cart.java:12)\r', 'com.shop.Cart.add(Cart.java:12)'],
    ['    at async addItem (/app/cart.js:3:7)', 'addItem (/app/cart.js:3:7)'],
    ['  File "/app/cart.py", line 3, in add', '/app/cart.py:3 add'],
    ['\t/app/cart.go:12 +0x1d', '/app/cart.go:12'],
    ['  File "/app/cart.py", line 3 and more', undefined],
  ])('finds the frame of %j', (line, frame) => {
    expect(exceptionIn(`XError: lost\n${line}`)?.frame).toBe(frame)
  })
})
