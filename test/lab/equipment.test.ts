/** What a shop process works with: conditions have real effects, and these are measured. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as settled } from 'node:timers/promises'
import { Registry } from 'prom-client'
import { afterAll, expect, test } from 'vitest'
import { parseScrape } from '../../lab/exposition.ts'
import { equip } from '../../lab/shop/equipment.ts'
import { realHost, VOLUME_BYTES } from '../../lab/shop/host.ts'
import { createPool } from '../../lab/shop/pool.ts'
import { createVirtualTime } from '../../lab/replay/virtual-time.ts'

const folder = mkdtempSync(join(tmpdir(), 'lab-equipment-'))
afterAll(() => rmSync(folder, { recursive: true }))

function equipped(volumeDir: string | null = null) {
  const time = createVirtualTime(0)
  const registry = new Registry()
  const host = realHost(volumeDir)
  const equipment = equip({ service: 'payment', surroundings: { ...time, random: () => 0.5 }, host, registry, store: true }) // prettier-ignore
  const value = async (name: string) => [...parseScrape(await registry.metrics())].find(([series]) => series.startsWith(name))?.[1].value // prettier-ignore
  return { ...equipment, time, value }
}

test('a pool hands a connection that is given back to whoever has waited longest, and refuses after the limit', async () => {
  const time = createVirtualTime(0)
  const pool = createPool(time, { size: 1, waitMs: 100 })
  const said: string[] = []
  const giveBack = await pool.take()
  const one = pool.take().then((mine) => (said.push('first'), mine))
  const two = pool.take().then(
    () => said.push('second'),
    (error: Error) => said.push(error.message),
  )
  expect([pool.used(), pool.waiting()]).toEqual([1, 2])
  giveBack()
  await one
  expect([said, pool.used(), pool.waiting()]).toEqual([['first'], 1, 1])
  await time.runUntil(101)
  await two
  expect(said).toEqual(['first', 'no connection to the data store became free within 100 ms'])
  ;(await one)()
  expect([pool.used(), pool.waiting()]).toEqual([0, 0])
})

test('connections that are not given back exhaust the pool, which its metrics show', async () => {
  const { stored, disturb, time, value } = equipped()
  disturb({ keptConnections: 1 })
  const calls = Array.from({ length: 12 }, () => stored(5).then(() => 'answered', (error: Error) => error.message)) // prettier-ignore
  await time.runUntil(500)
  expect(await value('db_client_connection_count{db_client_connection_state="used"}')).toBe(10)
  expect(await value('db_client_connection_max')).toBe(10)
  expect(await value('db_client_connection_pending_requests')).toBe(2)
  await time.runUntil(2_000)
  const refused = 'no connection to the data store became free within 1000 ms'
  expect(await Promise.all(calls)).toEqual([...Array.from({ length: 10 }, () => 'answered'), refused, refused])
})

test('a slow or failing data store is slow or fails, and is well again afterwards', async () => {
  const { stored, disturb, time } = equipped()
  const took = async () => {
    const began = time.now()
    const ended = stored(10).then(
      () => `answered after ${time.now() - began}`,
      (error: Error) => error.message,
    )
    await settled() // its wait begins once it has a connection
    await time.runUntil(began + 5_000)
    return ended
  }
  expect(await took()).toBe('answered after 10')
  disturb({ storeMs: 600 })
  expect(await took()).toBe('answered after 610')
  disturb({ storeMs: 0, storeFails: 1 })
  expect(await took()).toBe('the data store did not answer')
  disturb({ storeFails: 0 })
  expect(await took()).toBe('answered after 10')
})

test('a process that is to compute does nothing else meanwhile, and memory that requests leave behind is really used', async () => {
  const { onRequest, disturb, time, close } = equipped()
  const before = performance.now()
  disturb({ computingMs: 100 })
  await time.runUntil(1_100)
  expect(performance.now() - before).toBeGreaterThanOrEqual(200)
  close()
  const external = () => process.memoryUsage().arrayBuffers
  const used = external()
  disturb({ computingMs: 0, keptBytes: 2 ** 20 })
  for (let request = 0; request < 20; request++) onRequest()
  expect(external() - used).toBeGreaterThan(19 * 2 ** 20)
})

test('a journal is rotated; one that is not fills its volume, refuses to be written, and can be pruned', async () => {
  const dir = join(folder, 'payment-0')
  const { journal, disturb, value } = equipped(dir)
  if (journal === null) throw new Error('no journal')
  for (let entry = 0; entry < 600; entry++) await journal.add()
  expect(readdirSync(dir).length).toBeLessThan(520)
  disturb({ entryBytes: 2 ** 22 })
  const fill = async () => {
    for (;;) await journal.add()
  }
  await expect(fill()).rejects.toMatchObject({ code: 'ENOSPC' })
  expect(await value('kubelet_volume_stats_capacity_bytes')).toBe(VOLUME_BYTES)
  expect(await value('kubelet_volume_stats_available_bytes')).toBeLessThan(2 ** 22)
  const there = readdirSync(dir).length
  expect(await journal.prune(1)).toBe(there - 1)
  expect(await value('kubelet_volume_stats_used_bytes')).toBe(2 ** 22)
  // a new process finds what the one before it left
  const { value: later } = equipped(dir)
  expect(await later('kubelet_volume_stats_used_bytes')).toBe(2 ** 22)
})
