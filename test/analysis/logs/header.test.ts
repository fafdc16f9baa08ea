import { describe, expect, it } from 'vitest'
import { withoutColours, withoutThread, withoutWrapper } from '../../../analysis/logs/header.ts'

describe('the thread in a line of text', () => {
  it('is replaced before or after the level, even if it contains brackets', () => {
    expect(withoutThread('2015-10-18 18:05:27,570 WARN [RMCommunicator Allocator] a.Client: changed')).toBe(
      '2015-10-18 18:05:27,570 WARN [0] a.Client: changed',
    )
    expect(withoutThread('2015-07-30 23:44:58 - WARN  [Peer[myid=1]/0:0:2181:Manager@368] - Cannot open')).toBe(
      '2015-07-30 23:44:58 - WARN  [0] - Cannot open',
    )
    expect(withoutThread('10:00:00.000 [main] INFO shop.Cart - ready')).toBe('10:00:00.000 [0] INFO shop.Cart - ready')
  })

  it('is not found in lines without one', () => {
    for (const line of [
      'Accepted password for root',
      '[Sun Dec 04] [notice] jk2_init() found',
      'INFO [never closed',
      '',
    ])
      expect(withoutThread(line)).toBe(line)
  })
})

describe('wrappers and colours', () => {
  it.each([
    '2026-01-21T10:10:00.347712782Z stderr F {"level":"error"}',
    '2026-01-21T10:10:00.347+08:00 stdout P {"level":"error"}',
    'shop-1  | {"level":"error"}',
    '<131>May  1 10:00:00 host-1 shop[4242]: {"level":"error"}',
  ])('removes the prefix of %s', (line) => {
    expect(withoutWrapper(line)).toBe('{"level":"error"}')
  })

  it.each(['10:00:00 {"level":"error"}', 'a | b', 'May  1 10:00:00 host sshd[4242]: Accepted password'])(
    'removes nothing from %s',
    (line) => {
      expect(withoutWrapper(line)).toBe(line)
    },
  )

  it.each([
    '\u001b[1;31mERROR\u001b[0m order lost',
    '\u001b[38:5:9mERROR\u001b[m order lost\u001b[K',
    '\u001b]8;;http://a\u0007ERROR\u001b]8;;\u0007 order lost',
    '#033[31mERROR#033[0m order lost',
    '\\u001b[31mERROR\\u001b[0m order lost',
  ])('removes raw and escaped colours: %j', (line) => {
    expect(withoutColours(line)).toBe('ERROR order lost')
    expect(withoutColours('rate(x[5m]) of #033')).toBe('rate(x[5m]) of #033')
  })
})
