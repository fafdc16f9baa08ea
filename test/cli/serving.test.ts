/** Each component as a separate process against external systems, configured by the environment alone, as an operator runs it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { within } from '../../bus/kafka/within.ts'
import type { ControlPlane } from '../../embedded/control-plane/control-plane.ts'
import { signIn } from '../../embedded/issuer/sign-in.ts'
import {
  createFakeServices,
  createSetting,
  type FakeServices,
  passwordOf,
  type Setting,
  startControlPlane,
} from '../embedded/setting.ts'
import { approvalRequested } from '../events/requests.ts'
import { until } from '../runtime/counting.ts'
import { freePort } from '../servers/free-port.ts'
import { openMetrics, startPrometheus } from '../servers/prometheus.ts'
import { runHere, runUnmeasured } from './run-sre.ts'
import { serve } from './serve.ts'

describe('sre serve', () => {
  let setting: Setting
  let services: FakeServices
  let controlPlane: ControlPlane & { url: string }
  let prometheus: Awaited<ReturnType<typeof startPrometheus>>
  let environment: Record<string, string>
  const dataDir = mkdtempSync(join(tmpdir(), 'sre-serving-'))
  const parts: Record<string, Awaited<ReturnType<typeof serve>>> = {}

  beforeAll(async () => {
    setting = await createSetting()
    services = createFakeServices()
    controlPlane = await startControlPlane(setting, { lab: services })
    const now = Math.floor(Date.now() / 1000)
    prometheus = await startPrometheus({
      openMetrics: openMetrics(
        Array.from({ length: 120 }, (_, index) => ({
          name: 'http_requests_total',
          labels: { job: 'cart', status: '200' },
          seconds: now - (120 - index) * 15,
          value: index * 30,
        })),
      ),
    })
    const port = await freePort()
    environment = {
      DATABASE_URL: setting.database.url,
      OIDC_ISSUER: setting.issuer.url,
      CONTROL_PLANE_URL: controlPlane.url,
      CONTROL_PLANE_RESOURCE: 'urn:sre-platform:control-plane',
      PROMETHEUS_URL: prometheus.url,
      ASSISTANT_CLIENT_SECRET: setting.issuer.clients['sre-assistant'] ?? '',
      EXECUTOR_CLIENT_SECRET: setting.issuer.clients['sre-executor'] ?? '',
      POSTMORTEM_CLIENT_SECRET: setting.issuer.clients['sre-postmortem'] ?? '',
      GATEWAY_PORT: String(port),
      SRE_GATEWAY_URL: `http://127.0.0.1:${port}`,
      DECISION_KEYS: `sre-gateway=http://127.0.0.1:${port}/.well-known/jwks.json`,
      VERIFY_AFTER_S: '1',
      DATA_DIR: dataDir,
      GATEWAY_BODY_BYTES: '5000',
      GATEWAY_READS_PER_MINUTE: '90',
    }
    parts['gateway'] = await serve('gateway', environment)
    for (const part of ['assistant', 'executor', 'postmortem']) parts[part] = await serve(part, environment)
    const alice = ['login', '--username', 'alice', '--password-stdin']
    expect(await runHere(alice, environment, passwordOf(setting, 'alice'))).toMatchObject({ code: 0 })
  }, 180_000)
  afterAll(async () => {
    await Promise.all(Object.values(parts).map((part) => part.stop()))
    await prometheus?.stop()
    await controlPlane?.stop()
    await setting?.close()
    rmSync(dataDir, { recursive: true })
  })

  it('lists all configuration errors in one message, and exits with 1', async () => {
    const wrong = {
      ...environment,
      DATABASE_URL: 'mysql://nowhere',
      DIAGNOSES_AT_ONCE: 'many',
      CONTROL_PLANE_URL: 'nowhere',
    }
    const { code, err } = await runUnmeasured(['serve', 'assistant'], wrong)
    expect(code).toBe(1)
    for (const name of ['DATABASE_URL', 'DIAGNOSES_AT_ONCE', 'CONTROL_PLANE_URL']) expect(err).toContain(name)
    const keys = await runUnmeasured(['serve', 'executor'], { ...environment, DECISION_KEYS: 'sre-gateway' })
    expect(keys).toMatchObject({
      code: 1,
      err: expect.stringContaining('DECISION_KEYS: sre-gateway is not issuer=URL'),
    })
  })

  it('names the database if it is unreachable', async () => {
    const nobody = new URL(setting.database.url)
    nobody.pathname = '/not-there'
    for (const [url, why] of [
      ['postgres://reader:hunter2@127.0.0.1:1/none', 'connect ECONNREFUSED 127.0.0.1:1'],
      [nobody.href, 'database "not-there" does not exist'],
    ]) {
      const { code, err } = await runUnmeasured(['serve', 'gateway'], { ...environment, DATABASE_URL: url ?? '' })
      expect({ code, err }).toEqual({ code: 1, err: `PostgreSQL (DATABASE_URL) cannot be used: ${why}\n` })
    }
  })

  it('is ready, and reports which sources answer', async () => {
    const ready = async () => {
      const answer = await fetch(`${environment['SRE_GATEWAY_URL']}/api/v1/readyz`)
      return { status: answer.status, body: await answer.json() }
    }
    // a source that takes three seconds to answer counts as unreachable
    await expect.poll(ready).toMatchObject({
      status: 200,
      body: { ready: true, checks: { postgres: true, bus: true, prometheus: true, control_plane: true } },
    })
  })

  it('applies the configured limits', async () => {
    const api = `${environment['SRE_GATEWAY_URL']}/api/v1`
    const { accessToken } = await signIn({
      issuer: setting.issuer.url,
      username: 'alice',
      password: passwordOf(setting, 'alice'),
    })
    const headers = { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' }
    const read = await fetch(`${api}/approvals`, { headers })
    expect(read.headers.get('x-ratelimit-limit')).toBe('90')
    const body = JSON.stringify({ alert_ids: ['x'.repeat(5000)] })
    expect((await fetch(`${api}/diagnostics/alerts`, { method: 'POST', headers, body })).status).toBe(413)
  })

  it('lists the tools of the agents, as the agents report them', async () => {
    const tools = async () => {
      const { out } = await runHere(['tools'], environment)
      return /^control-plane +available .* assistant, executor, postmortem /m.test(out) ? out : undefined
    }
    const out = await until(60_000, 'all agents have reported', tools)
    expect(out).toMatch(/^loki +not configured +- +- +assistant +-$/m)
    expect(out).toMatch(/^prometheus +available +\d+ ms +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +assistant, executor +http:/m)
  })

  it('diagnoses across processes, and names the source that is not configured', async () => {
    const { code, out } = await runHere(['diagnose', '--service', 'cart', '--since', '30m', '--watch'], environment)
    expect(code).toBe(0)
    expect(out).toContain('prometheus')
    expect(out).toContain('LOKI_URL is not configured')
    const listed = await runHere(['sessions', '--json'], environment)
    expect(JSON.parse(listed.out)).toMatchObject({ items: [{ service: 'cart', status: 'partial' }] })
    const workflows = (await runHere(['workflows', '--language', 'zh-TW'], environment)).out
    expect(workflows).toMatch(/^已核准的動作 +executor +\d+ +- +- +judge → dry_run → execute → verify$/m)
    expect(workflows).toMatch(/^診斷 +assistant +\d+ +[\d.]+ s +100 %（共 1 次） +orient → gather → analyse$/m)
  })

  it('writes the postmortem of a session, in a process of its own, with its own access to the control-plane', async () => {
    const { out: listed } = await runHere(['sessions', '--json'], environment)
    const { session_id: session } = (JSON.parse(listed) as { items: [{ session_id: string }] }).items[0]
    const { code, out, err } = await runHere(['postmortem', session.slice(-6), '--watch'], environment)
    expect(err).not.toContain('control-plane')
    expect(code).toBe(0)
    expect(out).toMatch(/^# Incident of cart\n\n## Summary\n/)
    expect(out).toContain(session)
    expect(out).not.toContain('the control-plane did not answer')
  })

  it('diagnoses without a control-plane too, and reports the data gaps', async () => {
    const { CONTROL_PLANE_URL: _url, ASSISTANT_CLIENT_SECRET: _secret, OIDC_ISSUER: _issuer, ...without } = environment
    await parts['assistant']?.stop()
    parts['assistant'] = await serve('assistant', without)
    try {
      const { code, out } = await runHere(['diagnose', '--service', 'cart', '--since', '30m', '--watch', '--verbose'], environment) // prettier-ignore
      expect(code).toBe(0)
      expect(out).toContain('there is no control-plane: changes are unknown')
      expect(out).toMatch(/ok prometheus resources .*1 services/)
    } finally {
      await parts['assistant'].stop()
      parts['assistant'] = await serve('assistant', environment)
    }
  })

  it('runs an approved action once, in the executor process', async () => {
    await services.deploy('cart', 'cart:1.5.0')
    const approval = approvalRequested({ requested_by: `${setting.issuer.url}|control-plane` })
    await setting.bus.publish([await setting.bus.encode('ApprovalRequested', approval)])
    const approved = await until(60_000, 'the approval can be decided', async () => {
      const ran = await runHere(['approve', approval.approval_id, '--reason', 'go ahead'], environment)
      return ran.code === 0 ? ran : undefined
    })
    expect(approved.out).not.toBe('')
    const outcome = await until(60_000, 'the action has ended', async () => {
      const { out } = await runHere(['approvals', '--status', 'all'], environment)
      return out.includes('succeeded') ? out : undefined
    })
    expect(outcome).toContain(approval.approval_id)
    expect(services.deployed).toEqual(['cart cart:1.5.0', 'cart cart:1.4.2'])
  })

  it('exits with 1 if its consumer hangs although the bus is up', async () => {
    const deaf = await serve('assistant', environment)
    await parts['assistant']?.stop()
    const locked = await setting.pool.connect()
    await locked.query('BEGIN; LOCK TABLE runtime.runs IN SHARE MODE')
    await runHere(['diagnose', '--service', 'cart', '--since', '30m', '--no-wait'], environment)
    await until(180_000, 'it dies', () => Promise.resolve(deaf.said().includes('no sign of life')))
    await locked.query('ROLLBACK')
    locked.release()
    expect(await within(60_000, deaf.ended, 'it did not end')).toBe(1)
    parts['assistant'] = await serve('assistant', environment)
  }, 480_000)

  it('exits with 0 when stopped', async () => {
    const codes = await Promise.all(Object.entries(parts).map(async ([part, { stop }]) => [part, await stop()]))
    expect(Object.fromEntries(codes)).toEqual({ gateway: 0, assistant: 0, executor: 0, postmortem: 0 })
  })
})
