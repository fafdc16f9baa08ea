/** The rate limits of every operation of the document, by its class. */
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { FastifyInstance } from 'fastify'
import { type Limited, type Operation, type RateClass, readDocument } from '../../gateway/document.ts'
import { inject, type Platform, startPlatform } from './platform.ts'

/** each another number, so that no class can be taken for another */
const LIMITS = { read: 5, write: 4, diagnose: 3, batch: 2 } satisfies Record<Limited, number>

const { operations } = readDocument()
const all = [...operations.values()]
const classes = Object.keys(LIMITS) as (keyof typeof LIMITS)[]
const ofClass = (rateClass: RateClass) => all.filter((one) => one.scopes !== null && one.rateClass === rateClass)

let platform: Platform
let limited: FastifyInstance
beforeAll(async () => {
  platform = await startPlatform()
  limited = await platform.another({ limits: LIMITS })
  // a minute that does not pass, however slow the machine
  vi.useFakeTimers({ toFake: ['Date'] })
})
afterAll(async () => {
  vi.useRealTimers()
  await limited?.close()
  await platform?.close()
})

/** A request about nothing that exists: it counts before it is read. */
async function ask(who: string | null, { method, path }: Operation, headers: Record<string, string> = {}) {
  const authorization = who === null ? {} : { authorization: `Bearer ${await platform.tokenOf(who)}` }
  // a stream of what changes does not end, unless it is refused
  const query = /\/(?:anomalies|forecasts)\/events$/.test(path) ? '?service=' : ''
  const url = path.replace(/\{\w+_id\}/g, () => uuid()) + query
  return inject(limited, { method: method as 'GET', url, headers: { ...authorization, ...headers } })
}

test('every class is in use, and every operation that needs a token has a known one', () => {
  expect(classes.filter((one) => ofClass(one).length === 0)).toEqual([])
  const others = all.filter(({ rateClass }) => !(classes as RateClass[]).includes(rateClass))
  expect(others.map(({ operationId }) => operationId)).toEqual(['receiveAlerts', 'callMcp'])
})

describe.each(classes)('%s', (rateClass) => {
  const limit = LIMITS[rateClass]
  const inClass = ofClass(rateClass)

  test('counts its operations together, and tells how many are left', async () => {
    for (let used = 1; used <= limit; used++) {
      const { status, headers } = await ask('alice', inClass[used % inClass.length]!)
      expect(status).not.toBe(429)
      expect(headers).toMatchObject({
        'x-ratelimit-limit': String(limit),
        'x-ratelimit-remaining': String(limit - used),
      })
      expect(Number(headers['x-ratelimit-reset'])).toBeGreaterThan(0)
    }
  })

  test.each(inClass.map((one) => [one.operationId, one] as const))(
    'refuses %s above the limit, and says when to retry',
    async (_id, operation) => {
      const refused = await ask('alice', operation, { 'accept-language': 'zh-TW' })
      expect(refused).toMatchObject({ status: 429, body: { error: 'RATE_LIMITED' } })
      expect(refused.body['message']).toContain(`每分鐘超過 ${limit} 個請求`)
      expect(refused.headers).toMatchObject({ 'x-ratelimit-limit': String(limit), 'x-ratelimit-remaining': '0' })
      const after = Number(refused.headers['retry-after'])
      expect(after).toBeGreaterThan(0)
      expect(after).toBeLessThanOrEqual(60)
    },
  )

  test('leaves another caller alone', async () => {
    const { status, headers } = await ask('root', inClass[0]!)
    expect(status).not.toBe(429)
    expect(headers['x-ratelimit-remaining']).toBe(String(limit - 1))
  })
})

test('a public operation and a webhook are not counted', async () => {
  for (const operation of all.filter(({ scopes, rateClass }) => scopes === null || rateClass === 'none'))
    expect((await ask(operation.scopes === null ? null : 'alice', operation)).headers).not.toHaveProperty(
      'x-ratelimit-limit',
    )
})
