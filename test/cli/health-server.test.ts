import { Registry } from 'prom-client'
import { expect, it } from 'vitest'
import { serveHealth } from '../../health/server.ts'

it('the health port shows no error of another program, and lists the allowed method', async () => {
  const ready = () => Promise.reject(new Error('no route to postgres://app:hunter2x@db'))
  const server = await serveHealth({ host: '127.0.0.1', port: 0, version: '1', registry: new Registry(), ready })
  const failed = await fetch(`${server.url}/readyz`)
  expect([failed.status, await failed.text()]).toEqual([500, '{"error":"INTERNAL_ERROR"}'])
  const posted = await fetch(`${server.url}/metrics`, { method: 'POST' })
  expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET'])
  await server.close()
})
