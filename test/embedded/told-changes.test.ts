/** Changes that somebody else made to the managed services reach the audit log and the bus, each once. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ToldChange } from '../../embedded/control-plane/managed-services.ts'
import { until } from '../lab/until.ts'
import { client, createFakeServices, createSetting, personToken, published, type Setting, startControlPlane } from './setting.ts' // prettier-ignore

let setting: Setting
beforeAll(async () => {
  setting = await createSetting()
}, 180_000)
afterAll(() => setting.close())

const told: ToldChange = {
  ...{ id: 'change-1', service: 'cart', at: Date.parse('2026-03-02T10:00:00Z'), type: 'CONFIG_UPDATE' },
  ...{ summary: 'Configured cart: pool_size = 2 (previously 20)', before: { pool_size: 20 }, after: { pool_size: 2 } },
}

const AUDIT = '/audit-logs?service_name=cart&start_time=2026-03-02T09:00:00Z&end_time=2026-03-02T11:00:00Z'

test('a change told twice, and again to a control-plane started later, is recorded once', async () => {
  const tellers = new Set<(change: ToldChange) => void>()
  const onChange = (listener: (change: ToldChange) => void) => {
    tellers.add(listener)
    return () => void tellers.delete(listener)
  }
  const lab = { ...createFakeServices(), onChange }
  const tell = (change: ToldChange) => tellers.forEach((teller) => teller(change))
  const started = await startControlPlane(setting, { lab })
  const ask = client(started.url, await personToken(setting, 'root'))
  tell(told)
  const logged = async () => (await ask('GET', AUDIT)).body['items'] as { id: string }[]
  await until(async () => (await logged()).length === 1)
  tell(told)
  await started.stop()
  expect(tellers.size).toBe(0)

  const later = await startControlPlane(setting, { lab })
  const askLater = client(later.url, await personToken(setting, 'root'))
  tell(told)
  tell({ ...told, id: 'change-2' })
  const items = async () => (await askLater('GET', AUDIT)).body['items'] as { id: string }[]
  await until(async () => (await items()).some(({ id }) => id === 'change-2'))
  await later.stop()
  const events = await published(setting, 'ChangeRecorded')
  expect(events.map(({ change_id }) => change_id)).toEqual(['change-1', 'change-2'])
  expect(events[0]).toMatchObject({ type: 'CONFIG_UPDATE', service: 'cart', author: 'pipeline', occurred_at: told.at, after: '{"pool_size":2}' }) // prettier-ignore
}, 180_000)
