import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { folder } from '../recording/recording-dir.ts'
import { runHere } from './run-sre.ts'

const POLICY = `diagnose:
  services: [cart, 'pay*']
  least_severity: warning
  cool_down_minutes: 45
  quiet_hours:
    - { from: '22:00', to: '07:05', zone: Asia/Taipei, least_severity: critical }
    - { from: '12:00', to: '13:00' }
maintenance:
  once: [{ services: [cart], from: '2096-12-05T22:00Z', to: '2096-12-06T02:00Z', indicators: [memory] }]
`
const explain = (...args: string[]) => explainBy(POLICY, ...args)

async function explainBy(policy: string, ...args: string[]): Promise<string[]> {
  const dir = await folder({ 'policy.yaml': policy })
  const { code, out } = await runHere(['policy', 'explain', ...args], {
    POLICY_FILE: join(dir, 'policy.yaml'),
    DATA_DIR: dir,
  })
  expect(code).toBe(0)
  return out.trimEnd().split('\n')
}

describe('sre policy explain', () => {
  it('says when an anomaly of a service asks for a diagnosis', async () => {
    expect(await explain('payment')).toEqual([
      'payment (pay*): an anomaly of severity warning or worse asks for a diagnosis',
      'forecasts ask for nothing',
      'after a request, none about the same service for 45 minutes',
      'at most 6 an hour and 40 a day, of all services',
      'from 22:00 to 07:05 (Asia/Taipei): only severity critical or worse',
      'from 12:00 to 13:00 (UTC): none',
      'not known: what was asked so far, and deployments: DATABASE_URL is not set, and no platform was started here',
    ])
    expect(await explain('--language', 'zh-TW', 'payment')).toEqual([
      'payment（pay*）：嚴重程度為「警告」以上的異常會要求診斷',
      '預測不會要求診斷',
      '要求診斷後 45 分鐘內，不再對同一服務要求診斷',
      '所有服務合計每小時最多 6 次、每天最多 40 次',
      '22:00 至 07:05（Asia/Taipei）：只有「嚴重」以上才要求診斷',
      '12:00 至 13:00（UTC）：不要求診斷',
      '無法得知目前已要求的次數與部署：未設定 DATABASE_URL，此處也沒有啟動過平台',
    ])
  })

  it('says which forecasts ask, too', async () => {
    const policy = 'diagnose: { forecasts: true, least_severity: warning }'
    expect((await explainBy(policy, 'cart'))[1]).toBe('so does a forecast that something is full within a day')
    expect((await explainBy(policy, '--language', 'zh-TW', 'cart'))[1]).toBe('預測到資源會在一天內用盡時，也會要求診斷')
  })

  it('names the services that the policy is for', async () => {
    expect((await explain('mail'))[0]).toBe('mail: announced only; the policy asks for diagnoses of cart, pay*')
  })

  it('says the same as JSON', async () => {
    const [json] = await explain('--json', 'cart')
    expect(JSON.parse(json!)).toEqual({
      ...{
        service: 'cart',
        asks: true,
        pattern: 'cart',
        least_severity: 'warning',
        forecasts: false,
        per_hour: 6,
        per_day: 40,
        cool_down_minutes: 45,
      },
      quiet_hours: [
        { from: '22:00', to: '07:05', zone: 'Asia/Taipei', least_severity: 'critical' },
        { from: '12:00', to: '13:00', zone: 'UTC', least_severity: null },
      ],
      maintenance: [
        { from: '2096-12-05T22:00:00.000Z', to: '2096-12-06T02:00:00.000Z', now: false, indicators: ['memory'] },
      ],
      deployments: null,
      now: null,
      unknown: 'DATABASE_URL is not set, and no platform was started here',
    })
  })
})
