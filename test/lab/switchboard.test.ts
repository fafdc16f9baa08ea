/** Faults of the real shop, switched through its port: the processes have them, and the remedies end them. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { forgetDoor, noteDoor } from '../../embedded/lab-door.ts'
import { parseScrape } from '../../lab/exposition.ts'
import { FAULT_NAMES } from '../../lab/faults.ts'
import { startLab, type Lab } from '../../lab/lab.ts'
import { type LabPort, serveLab } from '../../lab/port.ts'
import { runHere } from '../cli/run-sre.ts'
import { TELLING } from './telling.ts'
import { until } from './until.ts'

const LIMIT_MS = 240_000
const dataDir = mkdtempSync(join(tmpdir(), 'lab-faults-'))
const token = 'token-of-this-test'
let lab: Lab
let port: LabPort

beforeAll(async () => {
  lab = await startLab({ dataDir })
  port = await serveLab(lab, { host: '127.0.0.1', port: 0, token })
}, 180_000)
afterAll(async () => {
  await port.close()
  await lab.close()
  rmSync(dataDir, { recursive: true })
})

const listed = z.array(z.object({ name: z.string(), since: z.number().nullable(), until: z.number().nullable() }))
async function ask(method: string, path: string, body?: unknown, bearer: string | null = token) {
  const headers = { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }) } // prettier-ignore
  const answer = await fetch(`${port.url}${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }) // prettier-ignore
  return { status: answer.status, body: (await answer.json()) as unknown }
}
const on = (name: string, forMs: number | null = null) => ask('PUT', `/faults/${name}`, { for_ms: forMs })
const off = (name: string) => ask('DELETE', `/faults/${name}`)
const isOn = async (name: string) =>
  listed.parse((await ask('GET', '/faults')).body).some((one) => one.name === name && one.since !== null)

const scraped = async (replica: string) => (await fetch(`${port.url}/metrics/${replica}`)).text()
const measured = async (replica: string, series: string) => parseScrape(await scraped(replica)).get(series)?.value ?? Number.NaN // prettier-ignore
const DISK = 'kubelet_volume_stats_used_bytes{persistentvolumeclaim="data-payment"}'

test('lists every fault, and switches none without the token, twice, or by a name it does not know', async () => {
  expect(listed.parse((await ask('GET', '/faults')).body).map(({ name }) => name)).toEqual(FAULT_NAMES)
  for (const [method, path] of [
    ['GET', '/faults'],
    ['PUT', '/faults/nothing'],
    ['DELETE', '/faults/nothing'],
  ] as const)
    // prettier-ignore
    expect(await ask(method, path, method === 'PUT' ? {} : undefined, null)).toMatchObject({ status: 401 })
  expect(await on('memory-loss')).toMatchObject({ status: 404, body: { code: 'unknown_fault', error: expect.stringContaining('memory-leak') } }) // prettier-ignore
  expect(await on('nothing', 5)).toMatchObject({ status: 400 })
  expect(await ask('PUT', '/faults/nothing')).toMatchObject({ status: 200 })
  expect(await on('nothing')).toMatchObject({ status: 409, body: { code: 'fault_on' } })
  expect(await off('nothing')).toMatchObject({ status: 200 })
  expect(await off('nothing')).toMatchObject({ status: 409, body: { code: 'fault_off' } })
})

test(
  'sre lab lists and switches them, in both languages, at the lab of a platform or of LAB_URL',
  async () => {
    const here = { LAB_URL: port.url, LAB_TOKEN: token }
    const all = await runHere(['lab', 'faults'], here)
    expect(
      all.out
        .trim()
        .split('\n')
        .map((line) => line.split(' ')[0]),
    ).toEqual(FAULT_NAMES)
    expect(all.out).toContain('catalog uses more memory with every request; a restart ends it')
    const switched = await runHere(['lab', 'fault', 'nothing', '--for', '5m', '--json'], here)
    expect(JSON.parse(switched.out)).toMatchObject({ name: 'nothing', since: expect.any(Number), until: expect.any(Number) }) // prettier-ignore
    expect(await runHere(['lab', 'fault', 'nothing'], here)).toMatchObject({ code: 1, err: 'it is on already\n' })

    const beside = join(dataDir, 'platform')
    mkdirSync(beside)
    const none = await runHere(['lab', 'faults'], { DATA_DIR: beside })
    expect(none).toMatchObject({ code: 1, err: expect.stringContaining('no platform with a shop runs in') })
    noteDoor(beside, { url: port.url, token, controlPlane: port.url })
    expect(statSync(join(beside, 'lab.json')).mode & 0o077).toBe(0)
    const ended = await runHere(['lab', 'fault', 'nothing', '--off', '--language', 'zh-TW'], { DATA_DIR: beside })
    expect(ended).toMatchObject({ code: 0, out: 'nothing 已關閉\n' })
    forgetDoor(beside)

    const typo = await runHere(['lab', 'fault', 'memory-leek'], here)
    expect(typo).toMatchObject({ code: 1, err: 'no fault memory-leek; did you mean memory-leak?\n' })
    const stranger = await runHere(['lab', 'faults'], { ...here, LAB_TOKEN: 'another' })
    expect(stranger).toMatchObject({ code: 1, err: expect.stringContaining('the lab answered 401') })
    const half = await runHere(['lab', 'faults'], { LAB_TOKEN: token })
    expect(half).toMatchObject({ code: 1, err: 'set both LAB_URL and LAB_TOKEN, or neither\n' })
  },
  LIMIT_MS,
)

test('a fault ends at its time', async () => {
  const surge = listed.parse((await on('traffic-surge', 1_000)).body).find(({ name }) => name === 'traffic-surge')
  expect(surge?.until).toBe((surge?.since ?? 0) + 1_000)
  await until(async () => !(await isOn('traffic-surge')), LIMIT_MS)
})

test(
  'memory that leaks is really used, and a restart ends it',
  async () => {
    const before = await measured('catalog-0', 'process_resident_memory_bytes')
    const { pid } = lab.services().find(({ name }) => name === 'catalog')!
    await on('memory-leak')
    const resident = async (id: number) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1]) * 1024 // prettier-ignore
    await until(async () => (await measured('catalog-0', 'process_resident_memory_bytes')) > before + 25e6, LIMIT_MS)
    if (process.platform === 'linux') expect(await resident(pid)).toBeGreaterThan(before + 15e6)
    await lab.restart('catalog')
    expect(await measured('catalog-0', 'process_resident_memory_bytes')).toBeLessThan(before + 20e6)
    await off('memory-leak')
  },
  LIMIT_MS,
)

test(
  'a service that is down stays down, is still listed, and is brought up by a restart',
  async () => {
    const seen: string[] = []
    const leave = lab.onLog(({ service, message }) => seen.push(`${service} ${message}`))
    await on('dependency-down')
    await until(() => seen.some((line) => /^checkout .*payment could not be reached/.test(line)), LIMIT_MS)
    expect(lab.services().map(({ name }) => name)).toContain('payment')
    await lab.restart('payment')
    const { address, pid } = lab.services().find(({ name }) => name === 'payment')!
    expect((await fetch(`${address}/healthz`)).status).toBe(200)
    await off('dependency-down')
    // what is up already is not started again
    expect(lab.services().find(({ name }) => name === 'payment')?.pid).toBe(pid)
    leave()
  },
  LIMIT_MS,
)

test(
  'a configuration change takes effect, is reported with both values, and a script restores what was before',
  async () => {
    const seen: string[] = []
    const leave = lab.onLog(({ service, message }) => seen.push(`${service} ${message}`))
    await on('bad-configuration')
    expect(lab.changes().at(-1)).toMatchObject({
      ...{ type: 'CONFIG_UPDATE', service: 'checkout' },
      ...{ before: { payment_timeout_ms: 1500 }, after: { payment_timeout_ms: 15 } },
    })
    await until(() => seen.some((line) => /^checkout .*payment did not answer within 15 ms/.test(line)), LIMIT_MS)
    // the setting outlives the process
    await lab.restart('checkout')
    const since = seen.length
    await until(() => seen.slice(since).some((line) => /within 15 ms/.test(line)), LIMIT_MS)
    expect(await lab.runScript('restore_settings', {})).toBe('restored the settings of checkout: payment_timeout_ms = 1500 (previously 15)') // prettier-ignore
    const restored = seen.length
    await until(() => seen.slice(restored).some((line) => line === 'checkout order placed'), LIMIT_MS)
    await off('bad-configuration')
    expect(lab.changes()).toHaveLength(1)
    leave()
  },
  LIMIT_MS,
)

test(
  'a disk that fills is full of files, and a script prunes them',
  async () => {
    await on('disk-filling')
    await until(async () => (await measured('payment-0', DISK)) > 2e6, LIMIT_MS)
    await off('disk-filling')
    expect(await lab.runScript('prune_journal', { limit: '1' })).toMatch(/^deleted \d+ journal entries$/)
    expect(await measured('payment-0', DISK)).toBeLessThan(1e6)
  },
  LIMIT_MS,
)

test('nothing that an agent can read names a fault', async () => {
  const metrics = await Promise.all(lab.replicas().map(({ instance }) => scraped(instance)))
  const recorded = ['metrics.csv', 'logs.jsonl', 'graph.json'].map((name) => readFileSync(join(lab.recordingDir, name), 'utf8')) // prettier-ignore
  const text = [...metrics, ...recorded, JSON.stringify(lab.changes())].join('\n')
  expect(TELLING.exec(text)?.[0]).toBeUndefined()
  for (const name of FAULT_NAMES.filter((one) => one !== 'nothing')) expect(text).not.toContain(name)
})
