/** The gateway with its own certificate: trusted and untrusted clients, plain HTTP, and a certificate that is renewed while it runs. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSetting, passwordOf, type Setting } from '../embedded/setting.ts'
import { until } from '../runtime/counting.ts'
import { freePort } from '../servers/free-port.ts'
import { certified } from '../servers/secured-kafka.ts'
import { runSre, runUnmeasured } from './run-sre.ts'
import { serve } from './serve.ts'

const folder = mkdtempSync(join(tmpdir(), 'sre-gateway-tls-'))
const files = { GATEWAY_CERT_FILE: join(folder, 'cert.pem'), GATEWAY_KEY_FILE: join(folder, 'key.pem') }
let setting: Setting
let environment: Record<string, string>
let gateway: Awaited<ReturnType<typeof serve>>
let ports: { port: number; redirect: number }

const put = ({ certificate, key }: { certificate: string; key: string }) => {
  writeFileSync(files.GATEWAY_CERT_FILE, certificate)
  writeFileSync(files.GATEWAY_KEY_FILE, key)
}

beforeAll(async () => {
  setting = await createSetting()
  put(await certified('gateway'))
  ports = { port: await freePort(), redirect: await freePort() }
  environment = {
    ...{ DATABASE_URL: setting.database.url, OIDC_ISSUER: setting.issuer.url, DATA_DIR: folder, ...files },
    ...{ GATEWAY_PORT: String(ports.port), GATEWAY_REDIRECT_PORT: String(ports.redirect) },
    SRE_GATEWAY_URL: `https://127.0.0.1:${ports.port}`,
  }
  gateway = await serve('gateway', environment)
}, 180_000)
afterAll(async () => {
  await gateway?.stop()
  await setting?.close()
  rmSync(folder, { recursive: true })
}, 120_000)

test('with the CA trusted, a person signs in and requests a diagnosis; without it, the certificate error is reported', async () => {
  expect(gateway.said()).toContain(`listening on https://127.0.0.1:${ports.port}`)
  const login = ['login', '--username', 'alice', '--password-stdin']
  expect(await runSre(login, environment, passwordOf(setting, 'alice'))).toMatchObject({ code: 0 })
  const trusting = { ...environment, NODE_EXTRA_CA_CERTS: files.GATEWAY_CERT_FILE }
  const asked = await runSre(['sessions', '--json'], trusting)
  expect(asked, asked.err).toMatchObject({ code: 0, out: expect.stringContaining('"items":[]') })
  const refused = await runSre(['sessions'], environment)
  expect(refused).toMatchObject({ code: 1, err: expect.stringMatching(/self-signed certificate/i) })
}, 180_000)

test('plain HTTP gets no answer on this port, and is sent here by the other', async () => {
  await expect(fetch(`http://127.0.0.1:${ports.port}/api/v1/healthz`)).rejects.toThrow('fetch failed')
  const sent = await fetch(`http://127.0.0.1:${ports.redirect}/api/v1/healthz?a=b`, { redirect: 'manual' })
  expect(sent.status).toBe(308)
  expect(sent.headers.get('location')).toBe(`https://127.0.0.1:${ports.port}/api/v1/healthz?a=b`)
})

async function served(): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port: ports.port, rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  const { fingerprint256 } = socket.getPeerCertificate()
  socket.destroy()
  return fingerprint256
}

test('a renewed certificate serves without a restart; one without its key does not, and the log says so', async () => {
  const before = await served()
  const [next, other] = [await certified('gateway'), await certified('gateway')]
  put({ certificate: next.certificate, key: other.key })
  await until(60_000, 'the pair is refused', async () =>
    gateway.said().includes('is not the key of') ? true : undefined,
  )
  expect(await served()).toBe(before)
  put(next)
  await until(60_000, 'the new certificate serves', async () => ((await served()) === before ? undefined : true))
}, 180_000)

test('half of it, a wrong key and a redirect without TLS are refused at start', async () => {
  const { GATEWAY_KEY_FILE: _key, ...half } = environment
  expect((await runUnmeasured(['serve', 'gateway'], half)).err).toContain('GATEWAY_KEY_FILE: required together with GATEWAY_CERT_FILE') // prettier-ignore
  const wrong = join(folder, 'wrong.pem')
  writeFileSync(wrong, (await certified('gateway')).key)
  const ran = await runUnmeasured(['serve', 'gateway'], { ...environment, GATEWAY_KEY_FILE: wrong })
  expect(ran.err).toContain(`GATEWAY_KEY_FILE: ${wrong} is not the key of the certificate in`)
  const { GATEWAY_CERT_FILE: _cert, GATEWAY_KEY_FILE: _file, ...plain } = environment
  expect((await runUnmeasured(['serve', 'gateway'], plain)).err).toContain(
    'GATEWAY_REDIRECT_PORT: requires GATEWAY_CERT_FILE',
  )
  const taken = { ...environment, GATEWAY_PORT: '0', GATEWAY_REDIRECT_PORT: String(ports.redirect), HEALTH_PORT: 'off' }
  expect((await runUnmeasured(['serve', 'gateway'], taken)).err).toContain(`port ${ports.redirect} is in use by another program. Choose another: GATEWAY_REDIRECT_PORT=N`) // prettier-ignore
}, 180_000)
