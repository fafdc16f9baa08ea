/** `sre evidence` shows cited evidence by the end of its id, in a format that fits the answer. */
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { completed, evidence, requested } from '../gateway/records.ts'
import { startPerson } from './person.ts'
import type { Person } from './person.ts'

let person: Person
beforeAll(async () => {
  person = await startPerson()
})
afterAll(() => person.platform.close())
beforeEach(async () => {
  person.sitDown()
  await person.login('bob')
})

/** A session whose result cites the evidence; returns both ids. */
async function cited(over: Parameters<typeof evidence>[1]): Promise<[id: string, session: string]> {
  const session = uuid()
  const told = evidence(session, { downsampled: false, ...over })
  const { evidence_id: id } = told.value
  const result = completed(session)
  result.value.root_causes = result.value.root_causes.map((cause) => ({ ...cause, evidence: [id] }))
  await person.platform.tell(requested(session), told, result)
  return [id, session]
}

const SERIES = { profile: 'recording', series: [{ service: 'cart', indicator: 'latency_p95', unit: 'ms', times: [1, 2, 3], values: [24, 817, 17] }] } // prettier-ignore
const LINES = { lines: [{ timestamp: 1_760_000_000_000, service: 'cart', level: 'error', message: 'no price yet' }] }

describe('sre evidence', () => {
  test('shows the query, the time and each series with its extremes, by the end of the id', async () => {
    const [id] = await cited({ data: JSON.stringify(SERIES) })
    const { out } = await person.sre(`evidence ${id.slice(-6)}`)
    expect(out.slice(0, 4)).toEqual([
      `${id}  prometheus golden-signals  ok`,
      'query: up',
      'time: 2025-10-09T08:53:20.000Z – 2025-10-09T09:03:20.000Z',
      'answer: 1 series',
    ])
    expect(out.at(-1)).toMatch(/^cart {5}latency_p95 {2}17 ms {3}817 ms {3}17 ms {2}▁█▁$/)
  })

  test('shows log lines, and in the other language', async () => {
    const [id, session] = await cited({ tool: 'loki', operation: 'logs', data: JSON.stringify(LINES) })
    const { out } = await person.sre(`evidence ${id} --session ${session.slice(-6)} --language zh-TW`)
    expect(out[0]).toBe(`${id}  loki logs  成功`)
    expect(out[3]).toBe('回覆：1 series')
    expect(out.at(-1)).toBe('2025-10-09 08:53:20.000Z  cart  error  no price yet')
  })

  test('of many log lines, leaves out the routine ones and keeps what is wrong, in order of time', async () => {
    const line = (at: number, level: string, message: string) => ({ timestamp: 1_760_000_000_000 + at, service: 'cart', level, message }) // prettier-ignore
    const lines = Array.from({ length: 60 }, (_none, at) => line(at, 'info', `order ${at} placed`))
    lines[3] = line(3, 'error', 'no price yet')
    lines[5] = line(5, 'info', 'connection refused')
    const [id] = await cited({ tool: 'loki', operation: 'logs', data: JSON.stringify({ lines }) })
    const shown = (await person.sre(`evidence ${id}`)).out.slice(5)
    expect(shown.slice(0, 3).map((one) => one.split('  ').at(-1))).toEqual(['no price yet', 'connection refused', 'order 22 placed']) // prettier-ignore
    expect(shown.slice(-2)).toEqual([
      '2025-10-09 08:53:20.059Z  cart  info  order 59 placed',
      '… without 20 less severe or older ones: --json shows all',
    ])
    expect(shown).toHaveLength(41)
  })

  test('says why a source did not answer', async () => {
    const [id] = await cited({ status: 'failed', data: null, error: '502 from prometheus', warnings: ['half of it'] })
    expect((await person.sre(`evidence ${id}`)).out.slice(4)).toEqual(['error: 502 from prometheus', '! half of it'])
  })

  test('prints all of it as JSON', async () => {
    const [id] = await cited({ data: JSON.stringify(SERIES) })
    const { out } = await person.sre(`evidence ${id.slice(-6)} --json`)
    expect(JSON.parse(out[0]!)).toMatchObject({ evidence_id: id, query: 'up', data: SERIES })
  })

  test('that no diagnosis cites is reported, with what to do', async () => {
    await cited({})
    await expect(person.sre('evidence 000000')).rejects.toThrow(/cites evidence 000000: give the full id, and its diagnosis with --session/) // prettier-ignore
  })

  test('that no diagnosis cites is found with --session', async () => {
    const session = uuid()
    const told = evidence(session, {})
    await person.platform.tell(requested(session), told)
    const { out } = await person.sre(`evidence ${told.value.evidence_id} --session ${session}`)
    expect(out[4]).toBe('! downsampled: the source returned more data')
  })
})
