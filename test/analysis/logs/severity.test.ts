import { describe, expect, it } from 'vitest'
import { levelIn } from '../../../analysis/logs/severity.ts'

describe('the level named in a line', () => {
  it.each([
    ['I0629 08:00:00.385780       1 trace.go:897] loading', 'INFO'],
    ['W0629 08:00:00.1       1 gc.go:7] shutting down', 'WARN'],
    ['E0629 08:00:00.385780       1 reflector.go:138] watch ended', 'ERROR'],
    ['F0629 08:00:00.385780       1 main.go:1] no config', 'FATAL'],
    ['2026/05/01 10:00:00 [error] 31#31: *1 upstream closed', 'error'],
    ['2026/05/01 10:00:00 [crit] 31#31: *1 connect() failed', 'crit'],
    ['2026-05-01T10:00:00Z 0 [Warning] aborted connection', 'Warning'],
    ['12:00:01 Warn  Shop.Orders  retrying', 'Warn'],
    ['2026-05-01 10:00:00,281 error connecting', 'error'],
    ['fail: Microsoft.AspNetCore[1] request', 'error'],
    ['info: Microsoft.Hosting.Lifetime[0] listening', 'info'],
    ['<131>May  1 10:00:00 host app: something', 'error'],
    ['[2026-04-21 10:44:00,281][pool-0][save][ERROR] =>x', 'ERROR'],
    ['SEVERE: no pool', 'SEVERE'],
  ])('%s', (line, level) => {
    expect(levelIn(line)).toBe(level)
  })

  it.each([
    'Error rate is normal',
    'no error in sight',
    'Alert manager started',
    '{"caller":"sync.go:605","err":null,"output":"ok"}',
    'Invoice E0612 was paid',
    '12 information desks',
  ])('none in %s', (line) => {
    expect(levelIn(line)).toBeUndefined()
  })

  it('is searched in linear time in a long line', () => {
    expect(levelIn(`1 ${'1:'.repeat(200_000)}`)).toBeUndefined()
  })
})
