import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startLab, type Lab } from '../../lab/lab.ts'
import { readLogLine } from '../../lab/log-lines.ts'
import { startProcess } from '../../lab/processes.ts'
import { harmlessDeployment } from '../../lab/scenario.ts'
import { openGrowing } from '../../recording/growing.ts'
import { until } from './until.ts'

let dataDir: string

beforeAll(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'lab-restart-'))
})
afterAll(() => rmSync(dataDir, { recursive: true }))

const samplesIn = async (lab: Lab) => {
  const { series } = (await openGrowing(lab.recordingDir).refresh()).observations
  return series.reduce((count, { times }) => count + times.length, 0)
}

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test('after a restart the shop runs the same releases and its recording continues', async () => {
  const { service, imageTag, before } = harmlessDeployment
  const first = await startLab({ dataDir })
  await first.deploy(service, imageTag)
  await until(async () => (await samplesIn(first)) > 0)
  await first.close()
  const recorded = await samplesIn(first)

  const second = await startLab({ dataDir })
  expect(second.services().find(({ name }) => name === service)).toMatchObject({ imageTag, previousImageTag: before })
  await until(async () => (await samplesIn(second)) > recorded)
  await second.rollback(service)
  expect(second.services().find(({ name }) => name === service)?.imageTag).toBe(before)
  await expect(second.rollback('payment')).rejects.toMatchObject({ code: 'unknown_release' })
  await second.close()
  await expect(second.deploy(service, imageTag)).rejects.toMatchObject({ code: 'closed' })
}, 180_000)

test('no shop process survives a killed supervisor', async () => {
  const child = fork(join(import.meta.dirname, 'lab-process.ts'), [mkdtempSync(join(dataDir, 'killed-'))])
  const [{ pids }] = (await once(child, 'message')) as [{ pids: number[] }]
  expect(pids.filter(alive)).toHaveLength(5)
  child.kill('SIGKILL')
  await until(() => pids.filter(alive).length === 0)
}, 180_000)

test('an unreadable state is an error, not a new shop', async () => {
  const broken = mkdtempSync(join(dataDir, 'state-'))
  writeFileSync(join(broken, 'shop.json'), '{"cart": ')
  await expect(startLab({ dataDir: broken })).rejects.toThrow(SyntaxError)
})

describe('a process', () => {
  const start = (args: string[], startLimitMs: number) =>
    startProcess({ entry: 'shop/serve.ts', args, startLimitMs, onLine: () => undefined })

  test('that ends before it is ready is reported with its last output', async () => {
    await expect(start(['cart', 'cart:0.0.0'], 30_000)).rejects.toMatchObject({
      code: 'not_ready',
      message: expect.stringContaining('no release cart:0.0.0 of cart') as string,
    })
  }, 180_000)

  test('that is not ready in time is stopped', async () => {
    await expect(start(['cart', 'cart:1.4.2'], 1)).rejects.toMatchObject({ code: 'not_ready' })
  })
})

describe("a service's log line", () => {
  const from = { service: 'cart', instance: 'cart-0', at: 1_000 }

  test('is stored with its fields if it is structured', () => {
    const line =
      '{"level":"warn","timestamp":"2026-01-01T00:00:00.000Z","trace_id":"abc","attributes":{"sku":"1"},"message":"m"}'
    expect(readLogLine(line, from)).toEqual({
      timestamp: Date.UTC(2026, 0, 1),
      service: 'cart',
      instance: 'cart-0',
      level: 'warn',
      message: 'm',
      traceId: 'abc',
      attributes: { sku: '1' },
    })
  })

  test('is stored verbatim if it is not', () => {
    expect(readLogLine('TypeError: x', { ...from, level: 'error' })).toEqual({
      timestamp: 1_000,
      service: 'cart',
      instance: 'cart-0',
      level: 'error',
      message: 'TypeError: x',
    })
    expect(readLogLine('{"half":', from)).toMatchObject({ timestamp: 1_000, message: '{"half":' })
  })
})
