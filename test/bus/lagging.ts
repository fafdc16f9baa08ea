/** Contract tests: the lag of a consumer group. */
import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import type { Bus, EncodedRecord } from '../../bus/bus.ts'
import { type Listener, TOPIC } from './bench.ts'

export interface LaggingBench {
  bus: Bus
  attend(): Promise<Listener>
  encoded(key: string, from: number, to: number): Promise<EncodedRecord[]>
}

export function lagging(bench: () => LaggingBench) {
  it('reports how many records a group has not read yet', async () => {
    const { bus, attend, encoded } = bench()
    const { consumption, group } = await attend()
    const behind = async () =>
      (await bus.lag()).filter((one) => one.group === group && one.topic === TOPIC).map(({ records }) => records)
    const poll = () => expect.poll(behind, { timeout: 60_000, interval: 100 })
    await poll().toEqual([0])
    consumption.pause()
    await bus.publish(await encoded(randomUUID(), 1, 5))
    await poll().toEqual([5])
    consumption.resume()
    await poll().toEqual([0])
  })
}
