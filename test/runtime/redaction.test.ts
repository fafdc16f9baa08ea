import { describe, expect, it } from 'vitest'
import { redactText, redactValue } from '../../agents/runtime/redaction.ts'

const jwt = `eyJ${'hbGciOiJSUzI1NiJ9'}.eyJ${'zdWIiOiJhbGljZSJ9'}.${'c2lnbmF0dXJl'}`

describe('redaction', () => {
  it.each([
    ['a bearer token', `Authorization: Bearer ${'abcdef1234567890'}`, 'abcdef1234567890'],
    ['a JSON Web Token', `got ${jwt} from issuer`, jwt],
    ['a password in a URL', 'postgres://app:s3cr3tpw@db:5432/shop', 's3cr3tpw'],
    ['a cloud key', `key AKIA${'IOSFODNN7EXAMPLE'} used`, 'IOSFODNN7EXAMPLE'],
    ['a repository token', `ghp_${'a'.repeat(36)}`, 'a'.repeat(36)],
    ['a chat token', `xoxb-${'123456789012-abcdefghij'}`, '123456789012'],
    ['a password in a log line', 'login failed user=bob password=hunter2hunter', 'hunter2hunter'],
    ['a secret inside JSON text', '{"client_secret":"verysecretvalue","user":"bob"}', 'verysecretvalue'],
    ['a secret inside JSON inside a log line', '{\\"api_key\\":\\"verysecretvalue\\"}', 'verysecretvalue'],
    ['a cookie', 'Cookie: session=deadbeefcafe; theme=dark', 'deadbeefcafe'],
    ['a private key', '-----BEGIN RSA PRIVATE KEY-----\nMIIEow==\n-----END RSA PRIVATE KEY-----', 'MIIEow'],
  ])('replaces %s and says that it did', (_what, text, secret) => {
    const redacted = redactText(text)
    expect(redacted.text).not.toContain(secret)
    expect(redacted.text).toContain('[REDACTED]')
    expect(redacted.redactions).toBeGreaterThan(0)
  })

  it.each([
    'trace 4bf92f3577b34da6a3ce929d0e0e4736 span 00f067aa0ba902b7',
    'session 0191f0c2-1c8a-7c3a-9b1e-8f6a2b7f1c00 done in 12 ms',
    'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    'GET /api/v1/audit-logs?service_name=cart 200',
    'the password policy changed; token bucket refilled',
    'http://cart:8080/items?sku=A-1',
  ])('leaves alone: %s', (text) => {
    expect(redactText(text)).toEqual({ text, redactions: 0 })
  })

  it('goes through every string of an answer, by name and by content, and leaves numbers', () => {
    const { value, redactions } = redactValue({
      lines: [{ message: 'password=abcdefgh', level: 'error' }],
      labels: { token: 'abc', service: 'cart' },
      series: [{ times: [1, 2], values: [0.5, 0.7] }],
      none: null,
    })
    expect(value).toEqual({
      lines: [{ message: 'password=[REDACTED]', level: 'error' }],
      labels: { token: '[REDACTED]', service: 'cart' },
      series: [{ times: [1, 2], values: [0.5, 0.7] }],
      none: null,
    })
    expect(redactions).toBe(2)
  })

  it('stays quick on text made to be slow', () => {
    const began = performance.now()
    for (const hard of [
      'a'.repeat(200_000),
      'password'.repeat(25_000),
      'eyJ'.repeat(60_000),
      '://:'.repeat(50_000),
      '-----BEGIN '.repeat(18_000),
    ]) {
      redactText(hard)
    }
    expect(performance.now() - began).toBeLessThan(10_000)
  })
})
