/** Restarts, scalings and scripts: each runs once per key, also if a process died during it, and is recorded as a change. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Operation } from '../../embedded/control-plane/scripts.ts'
import { until } from '../lab/until.ts'
import { client, createFakeServices, createSetting, machineToken, published, type Setting, startControlPlane } from './setting.ts' // prettier-ignore

let setting: Setting
beforeAll(async () => {
  setting = await createSetting()
}, 180_000)
afterAll(() => setting?.close())

async function manage(services = createFakeServices()) {
  const controlPlane = await startControlPlane(setting, { lab: services })
  const ask = client(controlPlane.url, await machineToken(setting, 'sre-executor', 'sre-platform:read sre-platform:write')) // prettier-ignore
  const finished = (id: unknown) =>
    until(async () => {
      const { body } = await ask('GET', `/automation/executions/${String(id)}`)
      return body['status'] === 'running' ? null : body
    }, 120_000)
  return { services, controlPlane, ask, finished }
}

test('a restart, a scaling and a script run once per key, and are recorded as changes', async () => {
  const { services, controlPlane, ask, finished } = await manage()
  const call = (script_id: string, parameters: object) => ({ script_id, parameters, target_resources: ['cart'] })
  const calls = [
    call('restart', { expected_image_tag: 'cart:1.4.2' }),
    call('scale', { replicas: '3', expected_replicas: '1' }),
    call('run_script', { script: 'clear_carts', limit: '7' }),
  ]
  const outputs: unknown[] = []
  const run = (one: object, key: string) => ask('POST', '/automation/execute', one, { 'idempotency-key': key })
  for (const one of calls) {
    const dry = await run({ ...one, dry_run: true }, `dry ${one.script_id}`)
    expect(dry.body).toMatchObject({ status: 'success', output: expect.stringContaining('would ') })
    const asked = await Promise.all([1, 2].map(() => run(one, one.script_id)))
    expect(asked[0]?.body['execution_id']).toBe(asked[1]?.body['execution_id'])
    outputs.push((await finished(asked[0]?.body['execution_id']))['output'])
  }
  expect(outputs).toEqual(['cart was restarted', 'cart has 3 replicas, before 1', 'cleared 7 carts'])
  expect(services.operated).toEqual(['restart cart', 'scale cart 3', 'run clear_carts'])
  const { body } = await ask('GET', '/resources?service_name=cart')
  expect(body['items']).toMatchObject([{ replicas: 3 }])
  const changes = (await published(setting, 'ChangeRecorded')).filter(({ type }) => type === 'CONFIG_UPDATE')
  expect(changes.map(({ summary, before, after }) => [summary, before, after])).toEqual([
    ['cart was restarted', '{}', '{}'],
    ['cart has 3 replicas, before 1', '{"replicas":1}', '{"replicas":3}'],
    ['cleared 7 carts', '{}', '{}'],
  ])
  await controlPlane.stop()
}, 240_000)

test('after a crash, finished operations are not repeated, unfinished ones are completed, and a script is not run again', async () => {
  const began = Date.now()
  const begin = async (id: string, at: number, operation: Operation) => {
    await setting.pool.query(
      `INSERT INTO control_plane.executions (id, script_id, parameters, target_resources, dry_run, status, requested_by,
         idempotency_key, request_hash, created_at, operation) VALUES ($1, $2, '{}', '["cart"]', false, 'running', 'x', $1, '', now(), $3)`,
      [id, operation.kind, JSON.stringify({ at, operation })],
    )
  }
  const restart = { kind: 'restart', service: 'cart' } as const
  await begin('restarted', began - 60_000, restart)
  await begin('not-restarted', began + 3_600_000, restart)
  await begin('scaled', began, { kind: 'scale', service: 'cart', replicas: 1, from: 2 })
  await begin('not-scaled', began, { kind: 'scale', service: 'frontend', replicas: 2, from: 1 })
  await begin('script', began, {
    kind: 'run_script',
    service: 'cart',
    script: 'clear_carts',
    parameters: { limit: '7' },
  })
  const { services, controlPlane, finished } = await manage()
  for (const id of ['restarted', 'not-restarted', 'scaled', 'not-scaled'])
    expect(await finished(id)).toMatchObject({ status: 'success' })
  expect(await finished('script')).toMatchObject({
    status: 'failed',
    output: 'clear_carts was interrupted: it may have run in part',
  })
  expect(services.operated.toSorted()).toEqual(['restart cart', 'scale frontend 2'])
  await controlPlane.stop()
}, 240_000)
