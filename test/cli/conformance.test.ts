/** `sre doctor control-plane URL`: the embedded control-plane conforms, and for a broken one the command names the wrong field. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Validator } from '@seriousme/openapi-schema-validator'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { createSetting, type Setting } from '../embedded/setting.ts'
import { serve as serveAnswers } from '../tools/served.ts'
import { runHere } from './run-sre.ts'
import { serve } from './serve.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'sre-conformance-'))
let setting: Setting
let environment: Record<string, string>
let part: Awaited<ReturnType<typeof serve>>
let url: string

beforeAll(async () => {
  setting = await createSetting()
  const { issuer, database } = setting
  environment = {
    ...{ DATABASE_URL: database.url, OIDC_ISSUER: issuer.url, DATA_DIR: dataDir, CONTROL_PLANE_PORT: '0' },
    CONTROL_PLANE_RESOURCE: 'urn:sre-platform:control-plane',
    ASSISTANT_CLIENT_SECRET: issuer.clients['sre-assistant'] ?? '',
  }
  part = await serve('control-plane', environment)
  url = /listening on (http:[^"]+)/.exec(part.said())?.[1] ?? ''
}, 180_000)
afterAll(async () => {
  await part?.stop()
  await setting?.close()
  rmSync(dataDir, { recursive: true })
})

async function compared(address: string) {
  const { code, out } = await runHere(['doctor', 'control-plane', address, '--json'], environment)
  const lines = JSON.parse(out) as { check: string; state: string; message: string; details: string[] }[]
  return { code, of: (operation: string) => lines.find(({ check }) => check === `GET /api/v1/${operation}`) }
}

test('the document is OpenAPI 3.1', async () => {
  const document = readFileSync(join(import.meta.dirname, '../../docs/reference/control-plane.yaml'), 'utf8')
  expect(await new Validator().validate(parse(document))).toMatchObject({ valid: true })
})

test('the embedded control-plane answers as documented', async () => {
  const { code, of } = await compared(url)
  expect(of('resources')).toMatchObject({ state: 'ok', message: 'as documented (5 items)' })
  for (const list of ['incidents?status=resolved', 'audit-logs', 'alerts', 'deployments/{id}'])
    expect(of(list)?.state, list).toMatch(/ok|warning/)
  expect(code).toBe(0)
})

test('without a URL it is the component whose configuration is checked', async () => {
  for (const parts of [['control-plane'], ['assistant', 'control-plane']]) {
    const { out } = await runHere(['doctor', ...parts], environment)
    expect(out).toContain(`✓ configuration: complete for ${parts.join(', ')}\n`)
  }
})

test('for a control-plane that answers differently, the wrong field is named', async () => {
  const now = new Date().toISOString()
  const broken = await serveAnswers(({ pathname }) => {
    if (pathname.endsWith('/resources')) return { body: [{ service_name: 'cart', depends_on: 'payment' }] }
    if (pathname.endsWith('/alerts')) return { body: { items: [{ id: 1, status: 'firing' }] } }
    if (pathname.endsWith('/audit-logs'))
      return { body: { items: [{ id: 1, event_type: 'DEPLOYMENT', summary: 's', timestamp: 'yesterday' }] } }
    if (pathname.endsWith('/incidents'))
      return { body: { items: [{ id: 'i', service_name: 'cart', status: 'resolved', created_at: now }] } }
    return pathname.includes('/deployments/') ? { status: 500, body: 'broken' } : null
  })
  const { code, of } = await compared(broken.url)
  expect(of('resources')?.details).toEqual(['0.depends_on: must be array,null, not "payment"'])
  expect(of('alerts')?.details).toContain("items.0: must have required property 'started_at'")
  expect(of('audit-logs')?.details).toEqual(['items.0.timestamp: must match format "date-time", not "yesterday"'])
  expect(of('incidents?status=resolved')).toMatchObject({ state: 'ok' })
  expect(of('incidents/{id}')).toMatchObject({ state: 'warning', message: expect.stringContaining('404') })
  expect(of('deployments/{id}')).toMatchObject({ state: 'failed', message: expect.stringContaining('500') })
  expect(code).toBe(1)
  await broken.close()
})
