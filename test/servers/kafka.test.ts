import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { kafka, startPrivateKafka } from './kafka.ts'

const connects = (broker: string) =>
  new Promise<boolean>((resolve) => {
    const [host = '', port = ''] = broker.split(':')
    const socket = connect(Number(port), host)
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })

test('the shared broker and registry answer', async () => {
  const { brokers, registryUrl } = await kafka()
  expect(await Promise.all(brokers.map(connects))).toEqual([true])
  const response = await fetch(`${registryUrl}/subjects`)
  expect(await response.json()).toBeInstanceOf(Array)
})

test('a private broker that is killed comes back at its address', async () => {
  const broker = await startPrivateKafka()
  const [address = ''] = broker.brokers
  await broker.kill()
  expect(await connects(address)).toBe(false)
  await broker.start()
  expect(await connects(address)).toBe(true)
  await broker.stop()
})
