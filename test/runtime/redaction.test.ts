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
    ['a basic credential', `Authorization: Basic ${'YWxpY2U6b3BlbnNlc2FtZQ=='}`, 'YWxpY2U6'],
    ['a credential of an unknown kind', `"authorization":"Digest ${'abcdefghijkl'}"`, 'abcdefghijkl'],
    ['a quoted password with spaces', 'password="correct, horse; battery" user=bob', 'battery'],
    ['a secret of the environment', `DB_PASSWORD=${'abcdefgh'} PORT=5432`, 'abcdefgh'],
    ['a secret in a connection string', 'Server=db;User Id=app;Password=s3cr3tpw;Encrypt=true', 's3cr3tpw'],
    ['the signature of a URL', `GET /b?X-Amz-Signature=${'0123456789abcdef'}&x=1`, '0123456789abcdef'],
    [
      'a webhook that needs no more than its URL',
      `https://hooks.slack.com/services/${'T0000/B0000/abcdefgh'}`,
      'abcdefgh',
    ],
    ['a token of a vault', `hvs.${'CAESIabcdefghijklmnopqrst'}`, 'CAESI'],
    ['a cookie inside JSON', '{"cookie":"sid=deadbeefcafe","status":500}', 'deadbeefcafe'],
    [
      'an encrypted private key',
      `-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,12\n\n${'MIIEow'}==\n-----END RSA PRIVATE KEY-----`,
      'MIIEow',
    ],
    ['a private key that was cut off', `-----BEGIN PRIVATE KEY-----\n${'MIIEow'}`, 'MIIEow'],
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
    'basic authentication is switched off, token refreshed, bearer unknown',
    'the key of the cart is 12, the secretary left, keyboard=qwerty tokens=12',
    'commit 3ca22cd0f1e2d3c4b5a697887766554433221100 by bob',
    'password=null token: none secret=false',
    'at com.example.SecretKeyFactory.generate(SecretKeyFactory.java:42)',
    '2001:db8::1 and user@example.org wrote https://example.org/a:b@c',
    'eyJ is how a token begins',
    '-----BEGIN CERTIFICATE-----\\nMIID\\n-----END CERTIFICATE-----',
  ])('leaves alone: %s', (text) => {
    expect(redactText(text)).toEqual({ text, redactions: 0 })
  })

  it('keeps the text around a secret', () => {
    expect(redactText('connect postgres://app:s3cr3tpw@db:5432/shop failed').text).toBe(
      'connect postgres://app:[REDACTED]@db:5432/shop failed',
    )
    expect(redactText('{"password":"a b","user":"bob"}').text).toBe('{"password":"[REDACTED]","user":"bob"}')
    expect(redactText('{"cookie":"sid=1","status":500}').text).toBe('{"cookie":"[REDACTED]","status":500}')
    const key = '-----BEGIN EC PRIVATE KEY-----\nMHc\n-----END EC PRIVATE KEY-----'
    expect(redactText(`a ${key} b ${key} c`)).toEqual({ text: 'a [REDACTED] b [REDACTED] c', redactions: 2 })
  })

  it('changes nothing when run again', () => {
    const once = redactText('Authorization: Bearer abc12345678 password=hunter2hunter cookie: a=b').text
    expect(redactText(once).text).toBe(once)
  })

  it('redacts every string of an answer, by name and by content, and leaves numbers', () => {
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

  it.each([
    { clientSecret: 'hunter2x' },
    { DB_PASSWORD: 'hunter2x' },
    { dbPassword: 'hunter2x' },
    { aws_secret_access_key: 'hunter2x' },
    { accessToken: 'hunter2x' },
    { credentials: { user: 'bob', word: 'hunter2x' } },
    { env: [{ name: 'API_KEY', value: 'hunter2x' }] },
    { password: ['hunter2x'] },
    { 'set-cookie': 'hunter2x' },
  ])('replaces what stands under a name that means a secret, however it is written: %j', (value) => {
    const { value: clean, redactions } = redactValue({ after: value })
    expect(JSON.stringify(clean)).not.toContain('hunter2x')
    expect(redactions).toBe(1)
  })

  it('leaves look-alikes unchanged', () => {
    const value = { input_tokens: 12, nextToken: 'page-2-of-9', secretary: 'bob smith', password: null, env: [{ name: 'PORT', value: '5432' }], key: 'cart-item-7' } // prettier-ignore
    expect(redactValue(value)).toEqual({ value, redactions: 0 })
  })

  // quadratic matching would take minutes on some of these; `npm run expressions:check` checks the growth itself
  it('stays fast on adversarial text', () => {
    for (const hard of [
      'a'.repeat(800_000),
      'password'.repeat(100_000),
      'eyJ'.repeat(240_000),
      '://:'.repeat(200_000),
      '-----BEGIN '.repeat(72_000),
      '-----BEGIN PRIVATE KEY-----'.repeat(32_000),
      'Bearer '.repeat(120_000),
      'cookie: "'.repeat(80_000),
      'password="'.repeat(80_000),
      'authorization: a '.repeat(48_000),
      'a-'.repeat(400_000),
      'sk-'.repeat(240_000),
      `https://${'a'.repeat(800_000)}`,
    ]) {
      redactText(hard)
    }
  })
})
