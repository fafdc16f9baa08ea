import { describe, expect, it } from 'vitest'
import { redactText, redactValue } from '../../agents/runtime/redaction.ts'
import { TemplateMiner } from '../../analysis/logs/template-miner.ts'
import { drawFrom } from '../../bench/secrets/draw.ts'
import { lookAlikes } from '../../bench/secrets/look-alikes.ts'
import { findPlanted, touched } from '../../bench/secrets/measure.ts'
import { plantedOfGitleaks } from '../../bench/secrets/of-gitleaks.ts'
import { plantedSecrets } from '../../bench/secrets/planted.ts'

describe.each([1, 2, 3])('of the secrets planted with seed %i', (seed) => {
  it('at least 99 of 100 are found, of 45 kinds or more', () => {
    const { planted, kinds, missed } = findPlanted(plantedSecrets(seed))
    expect(planted).toBeGreaterThanOrEqual(150)
    expect(kinds).toBeGreaterThanOrEqual(45)
    expect(missed.length, JSON.stringify(missed, null, 1)).toBeLessThanOrEqual(planted * 0.01)
  })

  it("at least 99 of 100 of those generated from gitleaks' rules are found", () => {
    const { planted, kinds, missed } = findPlanted(plantedOfGitleaks(seed))
    expect(planted).toBeGreaterThanOrEqual(1000)
    expect(kinds).toBeGreaterThanOrEqual(210)
    expect(missed.length, JSON.stringify(missed, null, 1)).toBeLessThanOrEqual(planted * 0.01)
  })

  it('none is searched twice', () => {
    for (const { given } of plantedSecrets(seed)) {
      const once = redactValue(given).value
      expect(redactValue(once).value).toEqual(once)
    }
  })

  it('at most one of 100 look-alikes is masked', () => {
    const lines = lookAlikes(seed)
    expect(lines.length).toBeGreaterThanOrEqual(900)
    const changed = touched(lines)
    expect(changed.length, changed.join('\n')).toBeLessThanOrEqual(lines.length * 0.01)
  })
})

describe("a random value next to a vendor's name", () => {
  const [long, short] = [drawFrom(5).of('hex', 40), drawFrom(6).of('hex', 15)]

  it.each([
    [`DATADOG=${long} DD_SITE=eu`, 'DATADOG=[REDACTED] DD_SITE=eu'],
    [`{"datadog": "${long}"}`, '{"datadog": "[REDACTED]"}'],
    [`  dropbox_prod: ${short}`, '  dropbox_prod: [REDACTED]'],
    [`DATADOG：${long}，完成`, 'DATADOG：[REDACTED]，完成'],
    [`datadog commit=${long}`, `datadog commit=${long}`],
    [`datadog traceId: ${long}`, `datadog traceId: ${long}`],
    ['dropbox=unauthenticated', 'dropbox=unauthenticated'],
  ])('is masked, and what is none is left: %s', (text, left) => {
    expect(redactText(text).text).toBe(left)
  })

  it('is masked as a field, and next to its name', () => {
    const value = { datadog: long, env: [{ name: 'DROPBOX', value: short }], dropbox_trace_id: short, github: 'ok' }
    expect(redactValue(value).value).toEqual({
      datadog: '[REDACTED]',
      env: [{ name: 'DROPBOX', value: '[REDACTED]' }],
      dropbox_trace_id: short,
      github: 'ok',
    })
  })
})

describe('what remains of an answer', () => {
  it('includes names of services, hosts and users', () => {
    expect(redactText('dial app:hunter2x@tcp(db:3306)/shop by cart').text).toBe(
      'dial app:[REDACTED]@tcp(db:3306)/shop by cart',
    )
    expect(redactText('GET /items?token=Zx9kQw3TrP&page=2 from cart').text).toBe(
      'GET /items?token=[REDACTED]&page=2 from cart',
    )
    expect(redactText('使用者 bob，密碼：hunter2x，登入失敗').text).toBe('使用者 bob，密碼：[REDACTED]，登入失敗')
    expect(redactText('mysqldump -uroot -phunter2x shop').text).toBe('mysqldump -uroot -p[REDACTED] shop')
  })

  it('is a Kubernetes Secret without its data', () => {
    expect(redactText('kind: Secret\ndata:\n  user: YWRtaW5hZG1pbg==\nmetadata:\n  name: cart-abcdefgh\n').text).toBe(
      'kind: Secret\ndata:\n  user: [REDACTED]\nmetadata:\n  name: cart-abcdefgh\n',
    )
  })

  it('is one log template for lines that differed only in the secret', () => {
    const draw = drawFrom(7)
    const miner = new TemplateMiner()
    const ids = Array.from({ length: 50 }, () =>
      miner.add(redactText(`login of bob failed: password=${draw.password()} host db`).text),
    )
    expect(new Set(ids.map((id) => miner.resolve(id))).size).toBe(1)
  })

  it.each([
    { auth: { method: 'oidc', user: 'bob' } },
    { pass: 12, failed: 0 },
    { token_type: 'Bearer', max_tokens: 4096 },
    { signature: 'getUser(String)' },
    { password: 'required' },
    { env: [{ name: 'TOKEN_URL', value: 'https://id.example/token' }] },
    { labels: { app: 'auth', pod: 'auth-7d9f8b6c5-x2x2x' } },
    { columns: ['id', 'password', 'email'] },
    { name: 'auth', value: 'healthy' },
  ])('keeps %j', (value) => {
    expect(redactValue(value)).toEqual({ value, redactions: 0 })
  })

  it('includes both fields whose names were secrets', () => {
    const [one, two] = [`ghp_${'a'.repeat(36)}`, `ghp_${'b'.repeat(36)}`]
    expect(redactValue({ [one]: 1, [two]: 2 }).value).toEqual({ '[REDACTED]': 1, '[REDACTED] 2': 2 })
  })
})
