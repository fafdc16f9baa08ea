/** Runbooks in a real Chroma, by the command line. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { forget, find, ingestPaths, showEntry } from '../../cli/memory/commands.ts'
import type { ClientContext } from '../../cli/login/context.ts'
import { shown } from '../../cli/terminal/line.ts'
import { startPrivateChroma } from '../servers/chroma.ts'
import { runSre } from '../cli/run-sre.ts'

const dir = mkdtempSync(join(tmpdir(), 'memory-'))
let chroma: Awaited<ReturnType<typeof startPrivateChroma>>
beforeAll(async () => {
  chroma = await startPrivateChroma()
})
afterAll(async () => {
  await chroma.stop()
  rmSync(dir, { recursive: true })
})

let printed: string[] = []
let noted: string[] = []
beforeEach(() => {
  printed = []
  noted = []
})
const context = (
  environment: Record<string, string> = {},
  language: ClientContext['language'] = 'en',
): ClientContext => ({
  environment: { CHROMA_URL: chroma.url, ...environment },
  ...{ dataDir: dir, language, columns: 200, askYes: null, now: Date.now, readStdin: async () => '' },
  print: (line) => void printed.push(shown(line)),
  grow: () => undefined,
  note: (line) => void noted.push(shown(line)),
})

let tenants = 0
/** An empty memory for each test. */
const tenant = () => `team ${(tenants += 1)}`
const folder = (files: Record<string, string>): string => {
  const path = mkdtempSync(join(dir, 'runbooks-'))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(path, name, '..'), { recursive: true })
    writeFileSync(join(path, name), text)
  }
  return path
}
const ingested = async (path: string, options: { tenant: string }, environment = {}) => {
  await ingestPaths(context(environment), [path], { ...options, json: true })
  return JSON.parse(printed.pop() ?? '')
}
const found = async (text: string, options: { tenant: string; service?: string }) => {
  await find(context(), text, { limit: 5, json: true, ...options })
  return JSON.parse(printed.pop() ?? '') as { headings: string[]; id: string; text: string; source: string }[]
}

const SHOP = {
  'cart.md': `---\nservices: [cart]\n---\n# Cart answers slowly\n\nThe connection pool to the database is exhausted: raise max_pool or restart the pods.\n\n# Carts are lost\n\nRedis evicts keys: look at evicted_keys and raise maxmemory. Error CART-4711.\n`,
  'deep/payment.md': `---\nservices: [payment]\n---\n# 付款逾時\n\n外部金流供應商沒有回應：先確認供應商的狀態頁，再切換到備援線路。\n\n# Certificate expired\n\nRenew the certificate with certbot, then reload the gateway. password=hunter2hunter2\n`,
  'notes.txt': 'not a runbook',
}

test('finds a section by its words, in either language, and by an error code to the letter', async () => {
  const options = { tenant: tenant() }
  expect(await ingested(folder(SHOP), options)).toEqual({ files: 2, added: 4, unchanged: 0, removed: 0 })
  const first = async (text: string) => (await found(text, options))[0]?.headings
  expect(await first('database connections of the pool are exhausted')).toEqual(['Cart answers slowly'])
  expect(await first('金流供應商逾時了')).toEqual(['付款逾時'])
  expect(await first('what is CART-4711')).toEqual(['Carts are lost'])
  expect(await first('expired certificates')).toEqual(['Certificate expired'])
  const ofPayment = await found('pool exhausted', { ...options, service: 'payment' })
  expect(ofPayment.map(({ source }) => source.replace(/.*deep/, 'deep'))).toEqual([
    'deep/payment.md',
    'deep/payment.md',
  ])
  expect(await found('pool exhausted', { tenant: tenant() })).toEqual([])
})

test('secrets in runbooks are masked before they are kept', async () => {
  const options = { tenant: tenant() }
  await ingested(folder(SHOP), options)
  const [entry] = await found('certificate expired', options)
  expect(entry?.text).toContain('[REDACTED]')
  expect(JSON.stringify(await found('hunter2hunter2', options))).not.toContain('hunter2')
})

test('a second ingest changes nothing; what changed is replaced, what is gone is removed, other folders stay', async () => {
  const options = { tenant: tenant() }
  const [path, other] = [folder(SHOP), folder({ 'other.md': '# Other\n\nstays' })]
  await ingested(path, options)
  await ingested(other, options)
  expect(await ingested(path, options)).toEqual({ files: 2, added: 0, unchanged: 4, removed: 0 })
  writeFileSync(join(path, 'cart.md'), SHOP['cart.md'].replace('raise max_pool', 'raise pool.size'))
  rmSync(join(path, 'deep'), { recursive: true })
  expect(await ingested(path, options)).toEqual({ files: 1, added: 1, unchanged: 1, removed: 3 })
  expect((await found('pool.size', options))[0]?.text).toContain('pool.size')
  expect((await found('stays', options))[0]?.headings).toEqual(['Other'])
})

test('one unreadable runbook refuses the whole ingest, and every such file is named', async () => {
  const options = { tenant: tenant() }
  const path = folder({ ...SHOP, 'bad.md': '---\nservices: 1\n---\nx', 'binary.md': '\0' })
  const refused = ingestPaths(context(), [path, join(path, 'missing.md')], options)
  await expect(refused).rejects.toMatchObject({
    details: [
      expect.stringContaining('missing.md'),
      expect.stringMatching(/bad\.md: its front matter/),
      expect.stringMatching(/binary\.md: not a text file/),
    ],
  })
  expect(await found('pool', options)).toEqual([])
})

test('shows an entry whole, and forgets by id, by source and everything, but only if told so', async () => {
  const options = { tenant: tenant() }
  const path = folder(SHOP)
  await ingested(path, options)
  const [cart] = await found('evicted_keys', options)
  await showEntry(context(), cart?.id ?? '', options)
  expect(printed.join('\n')).toMatch(
    /Carts are lost\n {2}runbook · .*cart\.md · services: cart · [0-9a-f]{32}\n\nRedis evicts keys/,
  )
  await expect(forget(context(), [cart?.id ?? ''], options)).rejects.toThrow('--yes is needed')
  await expect(forget(context(), ['nothing'], { ...options, yes: true })).rejects.toThrow('has no nothing')
  await expect(forget(context(), [], options)).rejects.toMatchObject({ exitCode: 2 })
  await forget(context(), [cart?.id ?? ''], { ...options, yes: true })
  await expect(showEntry(context(), cart?.id ?? '', options)).rejects.toThrow('the memory has no')
  const [payment] = await found('certificate', options)
  await forget(context(), [payment?.source ?? ''], { ...options, yes: true, json: true })
  expect(printed.at(-1)).toBe('{"removed":2}')
  await forget(context(), [], { ...options, all: true, yes: true })
  await find(context({}, 'zh-TW'), 'pool', { ...options, limit: 5 })
  expect(noted).toEqual(['記憶是空的：請以 sre memory ingest 匯入 runbook'])
})

test('asks an OpenAI-compatible API for vectors, and refuses those of another model or length', async () => {
  const options = { tenant: tenant() }
  let length = 8
  const asked: unknown[] = []
  const server = createServer(async (request, response) => {
    const { input } = JSON.parse(Buffer.concat(await Array.fromAsync(request)).toString()) as { input: string[] }
    asked.push([request.url, request.headers.authorization])
    const data = input.map((_, index) => ({ index, embedding: Array.from({ length }, (_, at) => at + 1) }))
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ data }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/`
  const remote = { EMBEDDINGS_URL: url, EMBEDDINGS_MODEL: 'small', EMBEDDINGS_KEY: 'key-1' }
  const path = folder(SHOP)
  await ingested(path, options, remote)
  expect(asked).toEqual(Array(2).fill(['/v1/embeddings', 'Bearer key-1']))
  await expect(ingested(path, options)).rejects.toThrow(
    /made with the model small, not sre-words-1: .*sre memory forget --all/,
  )
  length = 9
  writeFileSync(join(path, 'new.md'), '# New\n\nmore')
  await expect(ingested(path, options, remote)).rejects.toThrow('vectors of 8 numbers, not 9')
  await forget(context(), [], { ...options, all: true, yes: true })
  expect(await ingested(path, options)).toMatchObject({ added: 5 })
  server.close()
})

test('what a runbook says is shown as text, whatever characters it has', async () => {
  const options = { tenant: tenant() }
  const text = 'pool \x1b]0;owned\x07 \x1b[2J\u202e gone'
  await ingested(folder({ 'a.md': `# Evil ${text}\n\n${text}\n` }), options)
  await find(context(), 'pool', { ...options, limit: 1 })
  const [entry] = await found('pool', options)
  await showEntry(context(), entry?.id ?? '', options)
  // eslint-disable-next-line no-control-regex
  expect(printed.join('\n').replace(/\x1b\[(?:1|2|22)m/g, '')).not.toMatch(/[\x00-\x09\x0b-\x1f\u202e]/)
  expect(printed.join('\n')).toContain('owned')
})

test('as a process: sections survive the death of Chroma, and while it is away one line says so', async () => {
  const path = folder(SHOP)
  const environment = { CHROMA_URL: chroma.url }
  const sre = (...args: string[]) => runSre(['memory', ...args, '--tenant', 'killed'], environment)
  expect(await sre('ingest', path)).toMatchObject({
    code: 0,
    out: '2 files: 4 sections added, 0 unchanged, 0 removed\n',
  })
  await chroma.kill()
  const away = await sre('search', 'pool')
  expect(away).toMatchObject({ code: 1, out: '' })
  expect(away.err).toMatch(/^Chroma at http:\/\/127\.0\.0\.1:\d+ did not answer: .+\n$/)
  await chroma.start()
  const again = await sre('search', 'connection', 'pool', '--limit', '1')
  expect(again).toMatchObject({ code: 0, err: '' })
  expect(again.out).toMatch(
    /^Cart answers slowly\n {2}runbook · .*cart\.md · services: cart · [0-9a-f]{32}\n {4}The connection pool/,
  )
  expect(await runSre(['memory', 'search', 'pool'])).toMatchObject({
    code: 1,
    err: expect.stringContaining('CHROMA_URL is required'),
  })
})
