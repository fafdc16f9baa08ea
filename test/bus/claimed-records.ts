/** Contract test: a record whose item count exceeds its bytes. */
import { randomUUID } from 'node:crypto'
import { expect, it, vi } from 'vitest'
import type { Bus } from '../../bus/bus.ts'
import { readDeadLetter } from '../../bus/dead-letter.ts'
import { approvalRequested } from '../events/requests.ts'
import { contract } from './bench.ts'
import { claiming } from './claims.ts'

const TOPIC = contract.topicOf('ApprovalRequested').name

export function claimedRecords(bench: () => Bus) {
  it('dead-letters a small record that claims two billion items and continues with the next record', async () => {
    const bus = bench()
    const session = randomUUID()
    const handled: string[] = []
    const consumption = await bus.subscribe({
      group: `test-${randomUUID()}`,
      consumer: 'executor',
      topics: [TOPIC],
      handle(records) {
        for (const { value } of records)
          if ('session_id' in value && value.session_id === session) handled.push(value.event_id)
        return Promise.resolve([])
      },
    })
    try {
      const good = approvalRequested({ session_id: session })
      const next = await bus.encode('ApprovalRequested', good)
      // the same key, so that they are in one partition, in order
      const claims = { ...(await claiming(bus, 2_000_000_000, session)), key: next.key }
      await bus.publish([claims, next])
      await vi.waitFor(() => expect(handled).toEqual([good.event_id]), { timeout: 60_000, interval: 50 })
      const letter = await vi.waitFor(async () => {
        for await (const found of bus.browse(`${TOPIC}.executor.dlq`))
          if (found.key === next.key) return readDeadLetter(found)
        throw new Error('there is no letter yet')
      }, 60_000)
      expect(letter).toMatchObject({ code: 'undecodable', reason: expect.stringContaining('2000000000 items') })
      expect(letter.value.equals(claims.value)).toBe(true)
    } finally {
      await consumption.stop()
    }
  })
}
