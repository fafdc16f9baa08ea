/** The switchboard itself, with a shop whose deployments take as long, and fail as often, as a test says. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { badDeployment } from '../../lab/scenario.ts'
import { createSwitchboard } from '../../lab/switchboard.ts'

const { service, imageTag: bad, good } = badDeployment

function opened() {
  let imageTag: string = good
  const shop = { deployed: () => Promise.resolve(), runs: () => imageTag }
  const running = { previousImageTag: null, replicas: 1, settings: {}, instance: `${service}-0`, address: '', pid: 1, startedAt: 0, dependsOn: [] } // prettier-ignore
  const switchboard = createSwitchboard({
    supervisor: {
      ...{ disturb: () => undefined, takeDown: () => undefined, crowd: () => undefined },
      bringUp: () => Promise.resolve(),
      services: () => [{ name: service, imageTag, ...running }],
      settings: () => ({}),
      configure: () => Promise.resolve(),
      deploy: async (_name, tag) => {
        await shop.deployed()
        imageTag = tag
      },
    },
    clock: Date.now,
    onChange: () => undefined,
  })
  const state = () => switchboard.faults().find(({ name }) => name === 'bad-release')!
  return { shop, switchboard, state }
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
})

test('a fault whose time is over before it has begun is ended once it has', async () => {
  const { shop, switchboard, state } = opened()
  const deployment = Promise.withResolvers<void>()
  shop.deployed = () => deployment.promise
  const on = switchboard.on('bad-release', 1_000)
  await vi.waitUntil(() => state().since !== null)
  vi.advanceTimersByTime(1_000)
  deployment.resolve()
  await on
  await expect(switchboard.off('bad-release')).rejects.toMatchObject({ code: 'fault_off' })
  expect([shop.runs(), state().since]).toEqual([good, null])
})

test('a fault that cannot be ended at its time stays on, says why, and can be switched off later', async () => {
  const { shop, switchboard, state } = opened()
  await switchboard.on('bad-release', 1_000)
  expect(shop.runs()).toBe(bad)
  shop.deployed = () => Promise.reject(new Error('the disk is full'))
  vi.advanceTimersByTime(1_000)
  await vi.waitUntil(() => switchboard.failure() !== null)
  expect(switchboard.failure()).toBe('bad-release could not be switched off: Error: the disk is full')
  expect(state()).toMatchObject({ since: expect.any(Number), until: null })
  shop.deployed = () => Promise.resolve()
  await switchboard.off('bad-release')
  expect([shop.runs(), state().since, switchboard.failure()]).toEqual([good, null, null])
})

test('a fault that could not begin is off', async () => {
  const { shop, switchboard, state } = opened()
  shop.deployed = () => Promise.reject(new Error('the disk is full'))
  await expect(switchboard.on('bad-release', 1_000)).rejects.toThrow('the disk is full')
  expect(state().since).toBeNull()
})
