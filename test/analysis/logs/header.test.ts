import { describe, expect, it } from 'vitest'
import { withoutThread } from '../../../analysis/logs/header.ts'

describe('the thread in a line of text', () => {
  it('is a value, before or after the level, with brackets of its own', () => {
    expect(withoutThread('2015-10-18 18:05:27,570 WARN [RMCommunicator Allocator] a.Client: changed')).toBe(
      '2015-10-18 18:05:27,570 WARN [0] a.Client: changed',
    )
    expect(withoutThread('2015-07-30 23:44:58 - WARN  [Peer[myid=1]/0:0:2181:Manager@368] - Cannot open')).toBe(
      '2015-07-30 23:44:58 - WARN  [0] - Cannot open',
    )
    expect(withoutThread('10:00:00.000 [main] INFO shop.Cart - ready')).toBe('10:00:00.000 [0] INFO shop.Cart - ready')
  })

  it('is not looked for where there is none', () => {
    for (const line of [
      'Accepted password for root',
      '[Sun Dec 04] [notice] jk2_init() found',
      'INFO [never closed',
      '',
    ])
      expect(withoutThread(line)).toBe(line)
  })
})
