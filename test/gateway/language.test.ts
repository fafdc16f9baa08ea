import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startPlatform } from './platform.ts'
import type { Platform } from './platform.ts'

let platform: Platform
beforeAll(async () => {
  platform = await startPlatform()
})
afterAll(() => platform.close())

const deployment = {
  incident_id: 'inc-1',
  severity: 'P1',
  affected_services: ['web'],
  context: { deployment_id: 'd-7', service_name: 'cart' },
}

describe("the gateway's own texts", () => {
  const headers = { 'accept-language': 'zh-TW' }
  const inChinese = (url: string, options: object = {}, who: string | null = 'alice') =>
    platform.ask(who, 'POST', url, { headers, ...options })

  test('are in the requested language when a diagnosis is accepted or cancelled', async () => {
    const accepted = await inChinese('/api/v1/diagnostics/deployment', { body: deployment })
    expect(accepted.body).toMatchObject({ message: '已送出診斷請求' })
    const stopping = await platform.ask('alice', 'DELETE', `/api/v1/sessions/${accepted.body.session_id}`, { headers })
    expect(stopping.body).toMatchObject({ message: '將在下一個步驟停止' })
  })
  test('are in the requested language in errors, for each field too', async () => {
    const wrong = await inChinese('/api/v1/diagnostics/deployment', {
      body: { ...deployment, severity: 'P9', more: 1 },
    })
    expect(wrong).toMatchObject({ status: 422, headers: { 'content-language': 'zh-TW' } })
    expect(wrong.body).toMatchObject({
      message: '請求內容不符合 API 規格',
      details: expect.arrayContaining([
        { field: 'body', message: '不可以有額外的屬性: more' },
        { field: 'body.severity', message: expect.stringMatching(/^[^a-z]+$/) },
      ]),
    })
    const answers = [
      await inChinese('/api/v1/diagnostics/alerts'),
      await inChinese('/api/v1/diagnostics/alerts', {
        body: '{',
        headers: { ...headers, 'content-type': 'application/json' },
      }),
      await inChinese('/api/v1/diagnostics/alerts', {}, null),
      await inChinese('/api/v1/diagnostics/alerts', {}, 'bob'),
      await inChinese('/nowhere'),
      await platform.ask('bob', 'GET', `/api/v1/approvals/${uuid()}`, { headers }),
      await platform.ask('bob', 'GET', '/api/v1/approvals?colour=red', { headers }),
    ]
    for (const { body } of answers) expect(body.message).toMatch(/\p{Script=Han}/u)
  })
})
