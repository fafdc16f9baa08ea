import { describe, expect, it } from 'vitest'
import { entryOf } from '../../agents/tools/loki/line.ts'

describe('a line as an entry', () => {
  const read = (line: string) => {
    const { level, message, traceId } = entryOf(1, line, {}, 'shop')
    return { level, message, traceId }
  }

  it('has the fields of JSON behind what a container runtime put before it', () => {
    expect(
      read('2026-01-21T10:10:00.001Z stderr F {"level":"error","msg":"cannot reach it","trace_id":"abc0"}'),
    ).toEqual({ level: 'error', message: 'cannot reach it', traceId: 'abc0' })
    expect(read('2026-01-21T10:10:00.001Z stdout F WARN slow')).toMatchObject({ level: 'warn', message: 'WARN slow' })
  })

  it('is the plain line without its colours, also within JSON', () => {
    expect(read('\u001b[31mERROR\u001b[0m order lost')).toMatchObject({ level: 'error', message: 'ERROR order lost' })
    expect(read('{"level":"info","msg":"\\u001b[2mready\\u001b[0m"}')).toMatchObject({ message: 'ready' })
  })

  it('has the level of its first words, as klog, nginx and syslog write it', () => {
    expect(read('E0612 08:00:01.385780       1 reflector.go:138] watch ended').level).toBe('error')
    expect(read('2026/05/01 10:00:00 [error] 31#31: *1 upstream closed').level).toBe('error')
    expect(read('<131>May  1 10:00:00 host shop: {"msg":"lost"}')).toMatchObject({ level: 'error', message: 'lost' })
    expect(read('{"caller":"sync.go:605","err":null,"output":"ok"}').level).toBeUndefined()
  })
})
