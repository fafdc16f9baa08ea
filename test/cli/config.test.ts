import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { readConfig } from '../../cli/config.ts'
import { configurationPage } from '../../cli/configuration-doc.ts'

const message = (work: () => unknown): string => {
  try {
    work()
  } catch (error) {
    return (error as Error).message
  }
  return ''
}

describe('the configuration', () => {
  it('has defaults for all variables that can have one', () => {
    const config = readConfig({})
    expect(config.GATEWAY_PORT).toBe(8080)
    expect(config.APPROVER_ROLES).toEqual(['team_manager', 'super_admin'])
    expect(config.DATABASE_URL).toBeUndefined()
  })

  it('lists all errors in one message', () => {
    const text = message(() =>
      readConfig({ GATEWAY_PORT: 'eighty', LOKI_URL: 'loki:3100', KAFKA_BROKERS: 'a:9092', LOG_LEVEL: 'loud' }, [
        'DATABASE_URL',
      ]),
    )
    for (const part of [
      'GATEWAY_PORT',
      'LOKI_URL: must be an http(s) URL',
      'LOG_LEVEL',
      'DATABASE_URL is required',
      'SCHEMA_REGISTRY_URL: required together with KAFKA_BROKERS',
    ]) {
      expect(text).toContain(part)
    }
  })

  it('refuses variables that have no effect alone, and mutually exclusive ones', () => {
    const text = message(
      () =>
      readConfig({ KAFKA_SSL: 'true', LOKI_TENANT: 'shop', PROMETHEUS_URL: 'http://p', PROMETHEUS_TOKEN: 'a', PROMETHEUS_USERNAME: 'b', PROMETHEUS_PASSWORD: 'c' }), // prettier-ignore
    )
    expect(text.split('\n').slice(1)).toEqual([
      '  - PROMETHEUS_TOKEN, PROMETHEUS_USERNAME: set only one of them',
      '  - KAFKA_SSL: requires KAFKA_BROKERS',
      '  - LOKI_TENANT: requires LOKI_URL',
    ])
    expect(message(() => readConfig({ LOKI_URL: 'http://l', LOKI_TENANT: 'shop', LOKI_TOKEN: 'a' }))).toBe('')
  })

  it('refuses the topic of the collector on the PostgreSQL bus, which has none', () => {
    const said = /^ {2}- ANOMALY_SOURCE: otlp is a topic of Kafka and requires KAFKA_BROKERS/m
    expect(() => readConfig({ ANOMALY_SOURCE: 'otlp' })).toThrow(said)
    expect(readConfig({ ANOMALY_SOURCE: 'otlp', KAFKA_BROKERS: 'a:9092', SCHEMA_REGISTRY_URL: 'http://registry' }).ANOMALY_SOURCE).toBe('otlp') // prettier-ignore
  })

  it('names contradicting variables', () => {
    const dir = mkdtempSync(join(tmpdir(), 'sre-config-'))
    const ca = join(dir, 'ca.pem')
    writeFileSync(ca, rootCertificates[0] ?? '')
    const text = message(() =>
      readConfig({ KAFKA_SSL: 'false', KAFKA_CA_FILE: ca, KAFKA_SASL_MECHANISM: 'oauthbearer' }),
    )
    expect(text).toContain('KAFKA_SSL: false contradicts KAFKA_CA_FILE')
    expect(text).toContain('KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD: required together with KAFKA_SASL_MECHANISM')
    expect(text).toContain('OIDC_ISSUER: required with KAFKA_SASL_MECHANISM=oauthbearer')
    const kafka = { KAFKA_BROKERS: 'a:9093', SCHEMA_REGISTRY_URL: 'https://registry' }
    expect(message(() => readConfig({ ...kafka, KAFKA_SSL: 'true', KAFKA_CA_FILE: ca }))).toBe('')
  })

  it('validates every value at start', () => {
    const dir = mkdtempSync(join(tmpdir(), 'sre-config-'))
    const notPem = join(dir, 'ca.pem')
    const notMapping = join(dir, 'mapping.yaml')
    writeFileSync(notPem, 'not a certificate')
    writeFileSync(notMapping, 'serviceLabels: cart\nsurprise: 1\n')
    const wrong = {
      KAFKA_BROKERS: ',',
      SCHEMA_REGISTRY_URL: 'http://registry',
      VERIFY_AFTER_S: '30,soon',
      DECISION_KEYS: 'nonsense,a=ftp://b',
      PROMETHEUS_CA_FILE: '/does/not/exist',
      LOKI_CA_FILE: notPem,
      METRICS_MAPPING_FILE: notMapping,
    }
    const text = message(() => readConfig(wrong))
    for (const part of [
      'KAFKA_BROKERS: must not be empty',
      'VERIFY_AFTER_S: must be ascending seconds',
      'DECISION_KEYS: nonsense is not issuer=URL, a=ftp://b is not issuer=URL',
      'PROMETHEUS_CA_FILE: ENOENT: no such file or directory',
      `LOKI_CA_FILE: ${notPem}: `,
      `METRICS_MAPPING_FILE: ${notMapping}: `,
      'expected array, received string',
      'surprise',
    ])
      expect(text).toContain(part)
    for (const moments of ['60,30', '0', 'Infinity', '-1'])
      expect(message(() => readConfig({ VERIFY_AFTER_S: moments }))).toContain('VERIFY_AFTER_S')
    expect(message(() => readConfig({ ...wrong, KAFKA_BROKERS: 'http://broker' }))).toContain('must be host:port')
  })

  it('reads files and lists', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'sre-config-')), 'mapping.yaml')
    writeFileSync(file, 'names: { cart: cart-api }\n')
    const config = readConfig({
      METRICS_MAPPING_FILE: file,
      VERIFY_AFTER_S: '5, 20',
      DECISION_KEYS: 'gateway=https://gateway/jwks,control-plane=http://cp/jwks?a=b',
    })
    expect(config.METRICS_MAPPING_FILE).toEqual({ names: { cart: 'cart-api' } })
    expect(config.VERIFY_AFTER_S).toEqual([5, 20])
    expect([...(config.DECISION_KEYS ?? [])].map(([issuer, url]) => `${issuer} ${url.href}`)).toEqual([
      'gateway https://gateway/jwks',
      'control-plane http://cp/jwks?a=b',
    ])
  })

  it('reads a secret from a file, and reports an unreadable file', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'sre-config-')), 'secret')
    writeFileSync(file, 's3cret\n')
    expect(readConfig({ ASSISTANT_CLIENT_SECRET_FILE: file }).ASSISTANT_CLIENT_SECRET).toBe('s3cret')
    expect(message(() => readConfig({ LOKI_TOKEN_FILE: '/does/not/exist' }))).toContain('LOKI_TOKEN_FILE')
  })

  it('never repeats a value, which may be a secret', () => {
    expect(message(() => readConfig({ DATABASE_URL: 'hunter2-not-a-url' }))).not.toContain('hunter2')
  })
})

describe('docs/reference/configuration.md', () => {
  it('is the page made from the variables', async () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/reference/configuration.md'), 'utf8')
    expect(page, 'run npm run docs:configuration').toBe(await configurationPage())
  })

  it('reads objectives from a file, and names every invalid one', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'sre-')), 'objectives.yaml')
    writeFileSync(file, "objectives: [{ service: '*', indicator: error_ratio, max: 0.02 }]")
    expect(readConfig({ OBJECTIVES_FILE: file }).OBJECTIVES_FILE).toEqual([
      { service: '*', indicator: 'error_ratio', max: 0.02 },
    ])
    writeFileSync(file, 'objectives: [{ service: cart, indicator: cpu }, { service: cart, max: 1 }]')
    const text = message(() => readConfig({ OBJECTIVES_FILE: file }))
    for (const part of ['OBJECTIVES_FILE', 'needs max or min', 'indicator']) expect(text).toContain(part)
  })
})
