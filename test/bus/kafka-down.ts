/** Contract tests for Kafka alone: what a publish reports while the brokers or the registry are down. */
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { type BusOptions, createBus } from '../../bus/create.ts'
import { cancel, contract, TOPIC } from './bench.ts'
import type { Setting } from './contract.ts'

export function whileKafkaIsDown(setting: () => Setting): void {
  it('never sends later what it reported as failed', async () => {
    const { away, back } = setting()
    const { options, bus: patient } = await openKafka(setting())
    const bus = await createBus({ ...options, contract, patience: { retries: 20, limitMs: 300 } } as BusOptions)
    const [failed, later] = [randomUUID(), randomUUID()]
    const record = await bus.encode('DiagnosisCancelRequested', cancel(failed, 0))
    await away()
    await expect(bus.publish([record])).rejects.toMatchObject({ code: 'unavailable' })
    await back()
    await patient.publish([await patient.encode('DiagnosisCancelRequested', cancel(later, 0))])
    // longer than kafkajs pauses between two attempts
    await delay(5000)
    // by key: earlier tests left records on this topic that cannot be decoded
    const sessions: (string | null)[] = []
    for await (const { key } of patient.browse(TOPIC)) sessions.push(key)
    expect(sessions).toContain(later)
    expect(sessions).not.toContain(failed)
    await Promise.all([bus.close(), patient.close()])
  })

  it('names the registry when only the registry is down', async () => {
    const { options } = await openKafka(setting())
    const bus = await createBus({ ...options, registryUrl: 'http://127.0.0.1:1', contract } as BusOptions)
    await expect(bus.encode('DiagnosisCancelRequested', cancel('a', 0))).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('registry'),
    })
    await bus.close()
  })
}

export async function openKafka({ options }: Setting) {
  if (options.kind !== 'kafka') throw new Error('this is Kafka')
  return { options, bus: await createBus({ ...options, contract } as BusOptions) }
}
