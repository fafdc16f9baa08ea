/** `sre mcp` with the official client over standard input and output, against a real gateway, and against a hostile one. */
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { writeEndpoints } from '../../cli/login/endpoints.ts'
import { forgetTokens, readTokens, writeTokens } from '../../cli/login/token-store.ts'
import { DEFINITIONS } from '../../gateway/mcp/tools.ts'
import { isVisible } from '../../schemas/visible.ts'
import { type Assistant, connectTo, dataOf, type Era } from '../gateway/mcp-client.ts'
import { completed, requested } from '../gateway/records.ts'
import { HOSTILE, startHostileGateway } from './hostile-gateway.ts'
import { type Person, startPerson } from './person.ts'
import { startSre } from './run-sre.ts'

const SRE = join(import.meta.dirname, '../../cli/sre.sh')
let person: Person
let standUp: () => void
beforeAll(async () => {
  person = await startPerson()
  standUp = person.sitDown()
  await person.login('bob')
})
afterAll(async () => {
  standUp?.()
  await person?.platform.close()
})

const environment = () => ({ PATH: process.env['PATH'] ?? '', DATA_DIR: person.dataDir })
const assistant = (era: Era, ...args: string[]): Promise<Assistant> =>
  connectTo(new StdioClientTransport({ command: SRE, args: ['mcp', ...args], env: environment(), stderr: 'ignore' }), era) // prettier-ignore

describe.each<[Era, string[], string]>([
  ['2026-07-28', ['--language', 'zh-TW'], 'cart 的版本有問題'],
  ['legacy', [], 'a bad version of cart'],
])('a client of %s', (era, args, summary) => {
  const session = uuid()
  beforeEach(() => person.platform.tell(requested(session), completed(session)))

  test('has the tools of the gateway, with the rights of the signed-in person', async () => {
    const bob = await assistant(era, ...args)
    expect((await bob.client.listTools()).tools).toEqual(DEFINITIONS)
    const answers = await Promise.all([1, 2, 3].map(() => bob.call('get_diagnosis', { session_id: session })))
    for (const answer of answers) expect(JSON.parse(dataOf(answer))).toMatchObject({ result: { summary } })
    expect(await bob.fail('get_diagnosis', { session_id: uuid() })).toMatchObject({ error: 'RESOURCE_NOT_FOUND' })
    // a team member reads only
    expect(await bob.fail('diagnose', { services: ['cart'] })).toMatchObject({ error: 'INSUFFICIENT_PERMISSIONS' })
    await expect(bob.client.readResource({ uri: 'sre://結帳' })).rejects.toMatchObject({ code: -32602 })
    await bob.client.close()
  })
})

/** Sends lines as a shell's pipe does: its end is closed at once. */
async function exchange(lines: readonly string[], dataDir: string) {
  const child = startSre(['mcp'], { DATA_DIR: dataDir })
  const code = new Promise<number | null>((resolve) => child.on('close', resolve))
  const found: string[] = []
  child.stdin.end(lines.map((line) => `${line}\n`).join(''))
  for await (const line of createInterface({ input: child.stdout })) found.push(line)
  return { found, code: await code }
}
const list = (id: number) => JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/list', params: {} })

test('what is no message is passed over, and nobody signed in gets a refusal that says how to', async () => {
  const elsewhere = person.sitDown()
  const { found, code } = await exchange(['{', '[]', '"x"', list(7)], person.dataDir)
  expect(JSON.parse(found[0] ?? '')).toMatchObject({
    ...{ jsonrpc: '2.0', id: 7, error: { message: expect.stringContaining('sre login') } },
  })
  expect(code).toBe(0)
  elsewhere()
})

test('processes that find the sign-in expired at the same time refresh it once', async () => {
  const elsewhere = person.sitDown()
  await person.login('bob')
  const issuer = person.platform.issuer.url
  const kept = readTokens(person.dataDir, issuer)
  writeTokens(person.dataDir, issuer, { ...kept!, expiresAt: 0 })
  const answers = await Promise.all([1, 2, 3].map((id) => exchange([list(id)], person.dataDir)))
  for (const { found } of answers) expect(JSON.parse(found[0] ?? '')).toMatchObject({ result: { tools: DEFINITIONS } })
  elsewhere()
})

test('a hostile gateway steers no terminal', async () => {
  const gateway = await startHostileGateway()
  const elsewhere = person.sitDown()
  writeEndpoints(person.dataDir, { gateway: gateway.url, issuer: gateway.url })
  forgetTokens(person.dataDir)
  writeTokens(person.dataDir, gateway.url, { accessToken: 'x', refreshToken: null, expiresAt: Date.now() + 3_600_000 })
  const { found } = await exchange([list(1)], person.dataDir)
  expect(found.join('')).toContain('evil')
  expect(isVisible(found.join(''))).toBe(true)
  expect(isVisible(HOSTILE)).toBe(false)
  elsewhere()
  await gateway.stop()
})
