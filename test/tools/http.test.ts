import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { wordsOf } from '../../agents/tools/answer.ts'
import type { HttpError } from '../../agents/tools/http-error.ts'
import { createHttp, type HttpOptions } from '../../agents/tools/http.ts'

type Answer = (request: IncomingMessage, response: ServerResponse) => void

describe('an HTTP call to a source', () => {
  let server: Server
  let other: Server
  let url: string
  let otherUrl: string
  let answer: Answer
  let seen: IncomingMessage[]
  beforeAll(async () => {
    server = createServer((request, response) => {
      seen.push(request)
      answer(request, response)
    }).listen(0, '127.0.0.1')
    other = createServer((request, response) => {
      seen.push(request)
      response.end('{"secret":true}')
    }).listen(0, '127.0.0.1')
    await Promise.all([once(server, 'listening'), once(other, 'listening')])
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    otherUrl = `http://127.0.0.1:${(other.address() as AddressInfo).port}`
  })
  afterAll(() => {
    for (const one of [server, other]) {
      one.close()
      one.closeAllConnections()
    }
  })
  beforeEach(() => {
    seen = []
    answer = (_request, response) => response.end('{"ok":true}')
  })

  const context = { signal: new AbortController().signal, traceparent: '00-aaaa-bbbb-01', requestId: 'r-1' }
  const http = (options: Partial<HttpOptions> = {}) => createHttp({ baseUrl: url, timeoutMs: 10_000, ...options })
  const fail = async (work: Promise<unknown>): Promise<HttpError> => {
    const error = await work.then(() => null, (reason: unknown) => reason) // prettier-ignore
    if (!(error instanceof Error)) throw new Error('it was expected to fail')
    return error as HttpError
  }

  it('sends credentials, tenant and trace, and keeps a path prefix', async () => {
    await http({ baseUrl: `${url}/prefix`, credentials: { bearer: async () => 'tok', tenant: 't1' } }).json(
      { path: '/api', query: { a: 'b c' } },
      context,
    )
    expect(seen[0]?.url).toBe('/prefix/api?a=b+c')
    expect(seen[0]?.headers).toMatchObject({
      authorization: 'Bearer tok',
      'x-scope-orgid': 't1',
      traceparent: '00-aaaa-bbbb-01',
      'x-request-id': 'r-1',
    })
    await http({ credentials: { basic: { username: 'u', password: 'p' } } }).json({ path: 'x' }, context)
    expect(seen[1]?.headers.authorization).toBe(`Basic ${Buffer.from('u:p').toString('base64')}`)
  })

  it.each([429, 500, 503])('is retried after %i, up to the limit', async (status) => {
    answer = (_request, response) => response.writeHead(seen.length < 3 ? status : 200).end('{}')
    await http().json({ path: 'x' }, context)
    expect(seen).toHaveLength(3)
    seen = []
    answer = (_request, response) => response.writeHead(status).end('still no')
    const error = await fail(http({ retries: 1 }).json({ path: 'x' }, context))
    expect(error.message).toContain('still no')
    expect(seen).toHaveLength(2)
  })

  it.each([400, 401, 403, 404, 422])('is not retried after %i, and gives the error in full', async (status) => {
    answer = (_request, response) => response.writeHead(status).end('parse error at char 3')
    const error = await fail(http().json({ path: 'x' }, context))
    expect(error).toMatchObject({ status })
    expect(error.message).toContain('parse error at char 3')
    expect(seen).toHaveLength(1)
  })

  it('is sent once more with a new token after a 401, but not with the same one', async () => {
    answer = (request, response) =>
      request.headers.authorization === 'Bearer second' ? response.end('{}') : response.writeHead(401).end('expired')
    const bearer = async (rejected?: string) => (rejected === 'first' ? 'second' : 'first')
    await http({ credentials: { bearer } }).json({ path: 'x', form: { query: 'up' } }, context)
    expect(seen.map(({ headers }) => headers.authorization)).toEqual(['Bearer first', 'Bearer second'])
    seen = []
    const error = await fail(http({ credentials: { bearer: async () => 'first' } }).json({ path: 'x' }, context))
    expect(error).toMatchObject({ status: 401 })
    expect(seen).toHaveLength(1)
  })

  it.each([
    ['longer than an answer may', {}, /got no access token for .* within 100 ms/],
    ['when the run has no time left', { signal: AbortSignal.timeout(50) }, /timeout/],
  ])('waits for a token no longer than %s', async (_what, given, words) => {
    const bearer = () => new Promise<string>(() => undefined)
    const asking = http({ timeoutMs: 100, retries: 0, credentials: { bearer } })
    expect((await fail(asking.json({ path: 'x' }, { ...context, ...given }))).message).toMatch(words)
    expect(seen).toHaveLength(0)
  })

  it('is retried when the connection breaks before or during the response', async () => {
    answer = (request, response) => {
      if (seen.length === 1) request.socket.destroy()
      else if (seen.length === 2) response.write('{"half', () => request.socket.destroy())
      else response.end('{"whole":true}')
    }
    expect(await http().json({ path: 'x' }, context)).toEqual({ whole: true })
    expect(seen).toHaveLength(3)
  })

  it('understands a Retry-After date', async () => {
    answer = (_request, response) =>
      response.writeHead(429, { 'retry-after': new Date(Date.now() + 3600_000).toUTCString() }).end('later')
    expect((await fail(http().json({ path: 'x' }, context))).message).toContain('later')
    expect(seen).toHaveLength(1)
  })

  it('gives up on a source that does not answer', async () => {
    answer = () => undefined
    const error = await fail(http({ timeoutMs: 1000, retries: 1 }).json({ path: 'x' }, context))
    expect(wordsOf(error)).toMatch(/no answer within 1000 ms$/)
    expect(seen).toHaveLength(2)
  })

  it('stops at once when the caller aborts', async () => {
    answer = () => undefined
    const controller = new AbortController()
    const asked = http({ timeoutMs: 30_000 }).json({ path: 'x' }, { signal: controller.signal })
    setTimeout(() => controller.abort(new Error('the active time of this run is used up')), 50)
    expect((await fail(asked)).message).toContain('active time')
  })

  it('refuses a response over the size limit', async () => {
    answer = (_request, response) => response.end('x'.repeat(5000))
    expect((await fail(http({ maxBytes: 1000, retries: 0 }).text({ path: 'x' }, context))).message).toContain(
      'larger than 1000 bytes',
    )
  })

  it('follows a redirect within its origin only', async () => {
    answer = (request, response) =>
      request.url === '/x' ? response.writeHead(302, { location: '/y' }).end() : response.end('{"at":"y"}')
    expect(await http().json({ path: 'x' }, context)).toEqual({ at: 'y' })
    seen = []
    answer = (_request, response) => response.writeHead(302, { location: `${otherUrl}/latest/meta-data` }).end()
    const error = await fail(
      http({ credentials: { bearer: async () => 'tok' }, retries: 0 }).json({ path: 'x' }, context),
    )
    expect(error.message).toContain('redirects to another origin')
    expect(seen).toHaveLength(1)
  })

  it('repeats a POST only for redirects that say so', async () => {
    const methods = () => seen.map(({ method, url: path }) => `${method} ${path}`)
    answer = (request, response) =>
      request.url === '/x' ? response.writeHead(307, { location: '/y' }).end() : response.end('{}')
    await http().json({ path: 'x', form: { query: 'up' } }, context)
    expect(methods()).toEqual(['POST /x', 'POST /y'])
    seen = []
    answer = (_request, response) => response.writeHead(302, { location: '/y' }).end('moved')
    expect(await fail(http().json({ path: 'x', form: { query: 'up' } }, context))).toMatchObject({ status: 302 })
    expect(methods()).toEqual(['POST /x'])
  })

  it('waits for Retry-After, or gives up if it is too long', async () => {
    const times: number[] = []
    answer = (_request, response) => {
      times.push(performance.now())
      response.writeHead(times.length === 1 ? 429 : 200, { 'retry-after': '1' }).end('{}')
    }
    await http().json({ path: 'x' }, context)
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(990)
    seen = []
    answer = (_request, response) => response.writeHead(503, { 'retry-after': '120' }).end('come back later')
    expect((await fail(http().json({ path: 'x' }, context))).message).toContain('come back later')
    expect(seen).toHaveLength(1)
  })

  it('takes credentials out of the URL and sends them as a header', async () => {
    const named = http({ baseUrl: url.replace('://', '://reader:p%40ss@') })
    await named.json({ path: 'x' }, context)
    expect(named.baseUrl).toBe(`${url}/`)
    expect(seen[0]?.headers.authorization).toBe(`Basic ${Buffer.from('reader:p@ss').toString('base64')}`)
  })

  it('stops reading an endless response', async () => {
    let sent = 0
    const closed = new Promise<void>((resolve) => {
      answer = (_request, response) => {
        const chunk = 'x'.repeat(64 * 1024)
        const more = () => {
          while (!response.destroyed && response.write(chunk)) sent += chunk.length
        }
        response.on('drain', more).on('close', resolve)
        more()
      }
    })
    const error = await fail(http({ maxBytes: 100_000 }).text({ path: 'x' }, context))
    expect(error.message).toContain('narrow the query')
    await closed
    expect(seen).toHaveLength(1)
    expect(sent).toBeLessThan(50_000_000)
  })

  it('keeps the status of an error with a huge body', async () => {
    answer = (_request, response) => response.writeHead(400).end(`too many points. ${'x'.repeat(1_000_000)}`)
    const error = await fail(http({ maxBytes: 1000 }).json({ path: 'x' }, context))
    expect(error).toMatchObject({ status: 400 })
    expect(error.message).toContain('too many points')
    expect(error.message.length).toBeLessThan(40_000)
  })

  it('quotes what it got instead of JSON', async () => {
    answer = (_request, response) => response.end('<html>sign in</html>')
    expect((await fail(http().json({ path: 'x' }, context))).message).toContain('<html>sign in</html>')
  })

  it('ends a redirect loop', async () => {
    answer = (_request, response) => response.writeHead(302, { location: '/x' }).end()
    expect((await fail(http({ retries: 0 }).json({ path: 'x' }, context))).message).toContain('redirects')
  })

  it('keeps secrets out of quoted responses', async () => {
    answer = (_request, response) => response.writeHead(400).end('bad request with password=hunter2hunter')
    expect((await fail(http().json({ path: 'x' }, context))).message).not.toContain('hunter2')
  })

  it('reports a refused connection', async () => {
    const error = await fail(http({ baseUrl: 'http://127.0.0.1:1', retries: 0 }).json({ path: 'x' }, context))
    expect(error.message).toContain('is unreachable')
  })

  it('limits concurrent calls', async () => {
    let open = 0
    let most = 0
    answer = (_request, response) => {
      most = Math.max(most, ++open)
      setTimeout(() => {
        open--
        response.end('{}')
      }, 30)
    }
    const limited = http({ concurrency: 3 })
    await Promise.all(Array.from({ length: 12 }, () => limited.json({ path: 'x' }, context)))
    expect(most).toBe(3)
  })
})
