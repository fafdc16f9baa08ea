import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startLab, type Lab } from '../../lab/lab.ts'
import { badDeployment } from '../../lab/scenario.ts'
import { openGrowing } from '../../recording/growing.ts'
import { until } from './until.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'lab-'))
let lab: Lab

beforeAll(async () => {
  lab = await startLab({ dataDir })
}, 180_000)

afterAll(async () => {
  await lab.close()
  rmSync(dataDir, { recursive: true, force: true })
})

const recording = () => openGrowing(lab.recordingDir).refresh()

async function recorded(service: string, indicator: string, after = 0): Promise<number[]> {
  const { series } = (await recording()).observations
  const found = series.find((one) => one.service === service && one.indicator === indicator)
  return [...(found?.values ?? [])].filter((_value, at) => (found?.times[at] ?? 0) > after)
}

const imageTag = (service: string) => lab.services().find(({ name }) => name === service)?.imageTag
function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe('a shop under load', () => {
  test('records every indicator of every service', async () => {
    const indicators = [
      'latency_p50',
      'latency_p95',
      'latency_p99',
      'request_rate',
      'error_ratio',
      'error_rate',
      'cpu',
      'memory',
    ]
    for (const { name } of lab.services())
      for (const indicator of indicators) await until(async () => (await recorded(name, indicator)).length > 2)
    expect(lab.services()).toHaveLength(5)
    expect(lab.unhealthy()).toBeNull()
  }, 180_000)

  test('records rates from the first full rate window on, instead of a climb from zero', async () => {
    const rates = await until(async () => {
      const all = await recorded('frontend', 'request_rate')
      return all.length > 12 && all
    })
    const usual = rates.toSorted((a, b) => a - b)[rates.length >> 1] ?? 0
    expect(rates[0]).toBeGreaterThan(usual / 2)
  }, 180_000)

  test("lists the services' addresses for Prometheus", async () => {
    const groups = JSON.parse(readFileSync(lab.targetsFile, 'utf8')) as { targets: string[]; labels: object }[]
    expect(groups).toEqual(lab.scrapeTargets())
    const answer = await fetch(`http://${groups[0]?.targets[0]}/metrics`)
    expect(await answer.text()).toContain('http_request_duration_seconds_bucket')
  })

  test('becomes slow and fails with a bad release, and recovers after a rollback', async () => {
    const before = lab.services().find(({ name }) => name === badDeployment.service)?.pid ?? 0
    await until(async () => (await recorded('cart', 'latency_p95')).length > 8)
    await lab.deploy(badDeployment.service, badDeployment.imageTag)
    expect(imageTag('cart')).toBe(badDeployment.imageTag)
    expect(alive(before)).toBe(false)
    const bad = Date.now()
    await until(async () => (await recorded('cart', 'latency_p95', bad)).some((value) => value > 500))
    await until(async () => (await recorded('cart', 'error_ratio', bad)).some((value) => value > 0.1))
    await until(async () => (await recorded('frontend', 'error_ratio', bad)).some((value) => value > 0.05))
    const { logs } = (await recording()).observations
    expect(logs.filter(({ level, service }) => level === 'error' && service === 'cart')).not.toHaveLength(0)

    await lab.rollback(badDeployment.service)
    expect(imageTag('cart')).toBe(badDeployment.good)
    const good = Date.now()
    await until(async () => (await recorded('cart', 'error_ratio', good)).some((value) => value === 0), 90_000)
    await until(async () => (await recorded('frontend', 'error_ratio', good)).some((value) => value === 0), 90_000)
    await until(async () => (await recorded('cart', 'latency_p95', good)).some((value) => value < 300), 90_000)
  }, 180_000)

  test('restarts a service that died', async () => {
    const { pid = 0 } = lab.services().find(({ name }) => name === 'payment') ?? {}
    process.kill(pid, 'SIGKILL')
    const revived = await until(() => {
      const now = lab.services().find(({ name }) => name === 'payment')
      return now?.pid === pid ? null : now
    })
    expect(await fetch(`${revived.address}/healthz`).then((answer) => answer.status)).toBe(200)
  }, 180_000)

  test('refuses an unknown release, and keeps the running one', async () => {
    await expect(lab.deploy('cart', 'cart:9.9.9')).rejects.toMatchObject({ code: 'unknown_release' })
    await expect(lab.deploy('cart', 'payment:1.9.3')).rejects.toMatchObject({ code: 'unknown_release' })
    await expect(lab.deploy('billing', 'billing:1.0.0')).rejects.toMatchObject({ code: 'unknown_service' })
    expect(imageTag('cart')).toBe(badDeployment.good)
  })
})
