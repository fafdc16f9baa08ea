import { describe, expect, it } from 'vitest'
import { entryOf } from '../../agents/tools/loki/line.ts'

describe('a parsed log line', () => {
  const read = (line: string) => {
    const { level, message, traceId } = entryOf(1, line, {}, 'shop')
    return { level, message, traceId }
  }

  it("has the JSON fields after a container runtime's prefix", () => {
    expect(
      read('2026-01-21T10:10:00.001Z stderr F {"level":"error","msg":"cannot reach it","trace_id":"abc0"}'),
    ).toEqual({ level: 'error', message: 'cannot reach it', traceId: 'abc0' })
    expect(read('2026-01-21T10:10:00.001Z stdout F WARN slow')).toMatchObject({ level: 'warn', message: 'WARN slow' })
  })

  it('has no colour codes, also within JSON', () => {
    expect(read('\u001b[31mERROR\u001b[0m order lost')).toMatchObject({ level: 'error', message: 'ERROR order lost' })
    expect(read('{"level":"info","msg":"\\u001b[2mready\\u001b[0m"}')).toMatchObject({ message: 'ready' })
  })

  it.each([
    ['stacktrace', { stacktrace: 'goroutine 1 [running]:\nmain.main()\n\t/src/main.go:12 +0x1d' }],
    ['err.stack', { err: { type: 'TypeError', stack: 'TypeError: x\n    at pay (/app/pay.js:3:7)' } }],
    ['exc_info', { exc_info: 'Traceback (most recent call last):\n  File "/app/a.py", line 3, in get\nKeyError: 1' }],
    ['frames', { frames: ['shop.Gone: x', '\tat shop.Cart.add(Cart.java:12)'] }],
  ])('has the stack of the field %s below the message', (_field, fields) => {
    expect(read(JSON.stringify({ level: 'error', msg: 'request failed', note: 'two\nlines', ...fields })).message).toMatch(/^request failed\n(?:.*\n)+.*(?:main\.go:12|pay\.js:3:7|KeyError|Cart\.java:12)/) // prettier-ignore
  })

  it('gets its level from its first words, as klog, nginx and syslog write it', () => {
    expect(read('E0612 08:00:01.385780       1 reflector.go:138] watch ended').level).toBe('error')
    expect(read('2026/05/01 10:00:00 [error] 31#31: *1 upstream closed').level).toBe('error')
    expect(read('<131>May  1 10:00:00 host shop: {"msg":"lost"}')).toMatchObject({ level: 'error', message: 'lost' })
    expect(read('{"caller":"sync.go:605","err":null,"output":"ok"}').level).toBeUndefined()
  })
})
