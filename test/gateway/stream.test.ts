import { decodeJwt } from 'jose'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ViewEvent } from '../../gateway/views/fold.ts'
import { closedLoop, completed, evidence, progressed, requested } from './records.ts'
import { type Frame, framesOf } from './frames.ts'
import { startPlatform } from './platform.ts'
import type { Platform } from './platform.ts'

let platform: Platform
let url: string
beforeAll(async () => {
  platform = await startPlatform({ limits: { read: 1000, streams: 3 } })
  url = await platform.app.listen({ host: '127.0.0.1', port: 0 })
})
afterAll(() => platform.close())

const publish = (...events: ViewEvent[]) => platform.tell(...events)

/** Reads frames as they arrive; `stop` disconnects. */
async function open(session: string, options: { after?: string; base?: string; who?: string } = {}) {
  const control = new AbortController()
  const response = await fetch(`${options.base ?? url}/api/v1/diagnostics/${session}/events`, {
    signal: control.signal,
    headers: {
      authorization: `Bearer ${await platform.tokenOf(options.who ?? 'bob')}`,
      ...(options.after === undefined ? {} : { 'last-event-id': options.after }),
    },
  })
  return { response, frames: framesOf(response), stop: () => control.abort() }
}

const all = async (frames: AsyncGenerator<Frame>): Promise<Frame[]> => {
  const seen: Frame[] = []
  for await (const frame of frames) seen.push(frame)
  return seen
}
const next = async (frames: AsyncGenerator<Frame>): Promise<Frame> => {
  const { value, done } = await frames.next()
  if (done) throw new Error('the stream has ended')
  return value
}

describe('the events of a session', () => {
  test('arrive in order, and end when the session is over', async () => {
    const session = uuid()
    for (const event of closedLoop(session, uuid())) await publish(event)
    const { response, frames } = await open(session)
    expect(response.headers.get('content-type')).toContain('text/event-stream')
    const seen = await all(frames)
    expect(seen.map((frame) => frame.event)).toEqual([
      'progress',
      'tool_call',
      'progress',
      'tool_call',
      'progress',
      'final_result',
      'approval',
      'approval',
      'approval',
    ])
    expect(seen[1]?.data).toMatchObject({ tool: 'prometheus', status: 'ok', query: 'up', summary: '1 series' })
    expect(seen[5]?.data).toMatchObject({ revision: 1, summary: 'a bad version of cart' })
    expect(seen.slice(6).map(({ data }) => data.state)).toEqual(['requested', 'closed', 'acted'])
  })
  test('come as they happen', async () => {
    const session = uuid()
    await publish(requested(session))
    const { frames } = await open(session)
    const first = next(frames)
    await publish(progressed(session, 10))
    expect((await first).data).toMatchObject({ progress: 10, message: '10 percent' })
    const second = next(frames)
    await publish(evidence(session))
    expect((await second).event).toBe('tool_call')
    await publish(completed(session))
    expect((await all(frames)).map((frame) => frame.event)).toEqual(['final_result'])
  })
  test('arrive from every replica, whichever folded them', async () => {
    const other = await platform.another()
    const base = await other.listen({ host: '127.0.0.1', port: 0 })
    const session = uuid()
    await publish(requested(session))
    const { frames } = await open(session, { base })
    const first = next(frames)
    await publish(progressed(session, 33))
    expect((await first).data).toMatchObject({ progress: 33 })
    await publish(completed(session))
    await all(frames)
    await other.close()
  })
  test('hold a result back until the events before it, and resume after any frame without loss or repetition', async () => {
    const session = uuid()
    const finding = {
      source: 'logs',
      severity: 'info',
      service: null,
      message: { en: 'x' },
      timestamp: null,
      evidence: ['e'],
    }
    await publish(requested(session), completed(session))
    await publish(progressed(session, 50, { findings: [finding, finding] }))
    const whole = await all((await open(session)).frames)
    expect(whole.map((frame) => frame.event)).toEqual(['progress', 'finding', 'finding', 'final_result'])
    for (const [index, frame] of whole.entries()) {
      const rest = await all((await open(session, { after: frame.id })).frames)
      expect(rest).toEqual(whole.slice(index + 1))
    }
  })
  test('start again for an unknown Last-Event-ID', async () => {
    const session = uuid()
    await publish(requested(session), completed(session))
    for (const after of ['nonsense', `${uuid()}/0`])
      expect((await all((await open(session, { after })).frames)).map((frame) => frame.event)).toEqual(['final_result'])
    const { response } = await open(session, { after: 'n'.repeat(81) })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ details: [{ field: 'headers.last-event-id' }] })
  })
  test('are refused over the limit, until a stream ends', async () => {
    const session = uuid()
    await publish(requested(session))
    // the last one frees its place when its connection has ended
    await expect.poll(() => metric('sre_gateway_event_streams')).toBe('0')
    const open3 = await Promise.all([open(session), open(session), open(session)])
    const fourth = await open(session)
    expect(fourth.response.status).toBe(503)
    expect(await fourth.response.json()).toMatchObject({ error: 'SYSTEM_OVERLOADED' })
    for (const { stop } of open3) stop()
    await expect.poll(() => metric('sre_gateway_event_streams')).toBe('0')
  })
  test('end when the gateway closes, without delaying it', async () => {
    const other = await platform.another()
    const base = await other.listen({ host: '127.0.0.1', port: 0 })
    const session = uuid()
    await publish(requested(session))
    const { frames } = await open(session, { base })
    const reading = all(frames)
    await other.close()
    expect(await reading).toEqual([])
  })
  test('continue after the views were unreadable for a while', async () => {
    const session = uuid()
    await publish(requested(session))
    const { frames } = await open(session)
    const first = next(frames)
    await publish(progressed(session, 10))
    await first
    const rest = all(frames)
    await platform.pool.query('ALTER VIEW gateway.session_states RENAME TO away')
    await platform.pool.query("SELECT pg_notify('gateway_sessions', $1)", [session])
    await platform.pool.query('SELECT pg_sleep(0.2)')
    await platform.pool.query('ALTER VIEW gateway.away RENAME TO session_states')
    await publish(completed(session))
    expect((await rest).map((frame) => frame.event)).toEqual(['final_result'])
  })
  test('end when the token expires', async () => {
    const session = uuid()
    await publish(requested(session))
    const { exp = 0 } = decodeJwt(await platform.tokenOf('bob'))
    const other = await platform.another({ now: () => (exp - 1) * 1000 })
    const base = await other.listen({ host: '127.0.0.1', port: 0 })
    const { response, frames } = await open(session, { base })
    expect(response.status).toBe(200)
    expect(await all(frames)).toEqual([])
    await other.close()
  })
})

async function metric(name: string): Promise<string | undefined> {
  const { text } = await platform.ask(null, 'GET', '/api/v1/metrics')
  return new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1]
}

test('a stream ended by the server leaves no connection open', async () => {
  const session = uuid()
  await publish(requested(session), completed(session))
  const { response, frames } = await open(session)
  await all(frames)
  expect(response.bodyUsed).toBe(true)
  await expect.poll(() => metric('sre_gateway_event_streams')).toBe('0')
})
