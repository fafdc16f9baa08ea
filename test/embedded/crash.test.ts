import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Bus } from '../../bus/bus.ts'
import { type BusOptions, createBus } from '../../bus/create.ts'
import { loadContract } from '../../schemas/contract.ts'
import { environmentOfKilled } from '../crash/environment.ts'
import { approvalRequested } from '../events/requests.ts'
import { until } from '../lab/until.ts'
import type { WithoutContract } from '../runtime/counting.ts'
import { kafkaOfItsOwn } from '../runtime/kafka.ts'
import type { ProcessOptions } from './control-plane-process.ts'
import { client, createSetting, machineToken, personToken, published, type Setting } from './setting.ts'

describe.each(['PostgreSQL', 'Kafka'])('over %s', (name) => {
  let setting: Setting
  let busOptions: WithoutContract<BusOptions>
  let bus: Bus
  let token: string
  let stopBroker: () => Promise<unknown>
  const children = new Set<ChildProcess>()

  beforeAll(async () => {
    setting = await createSetting()
    token = await machineToken(setting, 'sre-executor', 'sre-platform:read sre-platform:write')
    const kafka = name === 'Kafka' ? await kafkaOfItsOwn() : null
    stopBroker = async () => kafka?.broker.stop()
    busOptions = kafka?.options ?? { kind: 'postgres', databaseUrl: setting.database.url }
    bus = await createBus({ ...busOptions, contract: loadContract() } as BusOptions)
  })

  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL')
    await bus?.close()
    await setting?.close()
    await stopBroker?.()
  })

  async function startProcess(dataDir: string, hold: ProcessOptions['hold']) {
    const { database, issuer } = setting
    const options: ProcessOptions = { databaseUrl: database.url, bus: busOptions, issuerUrl: issuer.url, dataDir, hold }
    const child = fork(join(import.meta.dirname, 'control-plane-process.ts'), [JSON.stringify(options)], {
      env: environmentOfKilled(),
    })
    children.add(child)
    const told = async (type: string): Promise<{ url?: string }> => {
      for (;;) {
        const [message] = (await once(child, 'message')) as [{ type: string; url?: string }]
        if (message.type === type) return message
      }
    }
    const { url = '' } = await told('up')
    const end = async (signal: 'SIGKILL' | 'SIGTERM') => {
      const gone = once(child, 'exit')
      child.kill(signal)
      await gone
      children.delete(child)
    }
    return { url, ask: client(url, token), held: () => told('held'), end }
  }

  const body = {
    script_id: 'rollback',
    parameters: { image_tag: 'cart:1.4.2', expected_image_tag: 'cart:1.5.0' },
    target_resources: ['cart'],
  }

  /** The effect has nothing to do with the bus. Before the event: it is in the outbox only. After the event: it is published but not yet marked so in the outbox. */
  const effect = name === 'PostgreSQL' ? (['before the effect', 'after the effect'] as const) : []
  test.each([...effect, 'before the event', 'after the event'] as const)(
    'a control-plane that is killed %s finishes the execution after a restart, and runs it once',
    async (hold) => {
      const dataDir = mkdtempSync(join(setting.dataDir, 'crash-'))
      const headers = { 'idempotency-key': hold }
      const first = await startProcess(dataDir, hold)
      const held = first.held()
      const { body: begun } = await first.ask('POST', '/automation/execute', body, headers)
      await held
      await first.end('SIGKILL')

      const second = await startProcess(dataDir, 'nowhere')
      const path = `/automation/executions/${String(begun['execution_id'])}`
      await until(async () => (await second.ask('GET', path)).body['status'] === 'success')
      expect((await second.ask('POST', '/automation/execute', body, headers)).body).toMatchObject({
        execution_id: begun['execution_id'],
        status: 'success',
      })
      expect(readFileSync(join(dataDir, 'deployed'), 'utf8')).toBe('cart:1.4.2\n')
      const { rows } = await setting.pool.query<{ id: string }>(
        `SELECT id FROM control_plane.deployments WHERE execution_id = $1`,
        [begun['execution_id']],
      )
      expect(rows).toHaveLength(1)
      const told = async () =>
        (await published({ ...setting, bus }, 'ChangeRecorded')).filter(
          (change) => change.deployment_id === rows[0]?.id,
        )
      const repeats = hold === 'after the event' ? 1 : 0
      await until(async () => (await told()).length === 1 + repeats)
      // readers drop the repeat
      expect(new Set((await told()).map(({ event_id }) => event_id)).size).toBe(1)
      await second.end('SIGTERM')
    },
    180_000,
  )

  test.each(['before the event', 'after the event'] as const)(
    'a control-plane that is killed %s of a decision publishes one decision after its restart',
    async (hold) => {
      const dataDir = mkdtempSync(join(setting.dataDir, 'decide-'))
      const requested = approvalRequested()
      const path = `/approvals/${requested.approval_id}`
      const decision = { decision: 'approved', reason: 'go ahead', action_hash: requested.action_hash }
      const alice = await personToken(setting, 'alice')
      const told = async () =>
        (await published({ ...setting, bus }, 'ApprovalDecided')).filter(
          ({ approval_id }) => approval_id === requested.approval_id,
        )

      const first = await startProcess(dataDir, hold)
      await bus.publish([await bus.encode('ApprovalRequested', requested)])
      await until(async () => (await first.ask('GET', path)).status === 200, 60_000)
      const held = first.held()
      expect((await client(first.url, alice)('POST', `${path}/decision`, decision)).status).toBe(200)
      await held
      expect(await told()).toHaveLength(hold === 'before the event' ? 0 : 1)
      await first.end('SIGKILL')

      const second = await startProcess(dataDir, 'nowhere')
      await until(async () => (await told()).length === (hold === 'before the event' ? 1 : 2))
      expect(new Set((await told()).map(({ decision_jws }) => decision_jws)).size).toBe(1)
      const again = await client(second.url, alice)('POST', `${path}/decision`, decision)
      expect(again).toMatchObject({ status: 409, body: { error: 'RESOURCE_CONFLICT' } })
      await second.end('SIGTERM')
      expect(await told()).toHaveLength(hold === 'before the event' ? 1 : 2)
    },
    180_000,
  )
})
