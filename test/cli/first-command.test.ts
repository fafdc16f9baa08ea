/** What somebody sees who has just installed it: the first command, a second terminal, and the demo. */
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { runSre, startSre } from './run-sre.ts'

let dataDir: string
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'sre-first-'))
})
afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

interface PersonFile {
  username: string
  password: string
}
const passwordOf = (username: string): string => {
  const people = JSON.parse(readFileSync(join(dataDir, 'people.json'), 'utf8')) as PersonFile[]
  return people.find((one) => one.username === username)?.password ?? ''
}

/** The whole of it as a person reads it: the question, a line for each phase, the verdict, its causes and what nobody looked at. */
function expectRecordedIncident(said: string): void {
  const asked = /^(\w{6}) ▶ recording asks for a diagnosis .*: (.+)$/m.exec(said)
  expect(asked?.[2]).toBe('Parts of the ticket shop are slow since about 14:50. What is wrong?')
  const told = said.split('\n').filter((line) => line.startsWith(`${asked?.[1]} `)).map((line) => line.slice(7)) // prettier-ignore
  expect(told.length).toBeLessThan(12)
  const phases = told.filter((line) => line.startsWith('✓ '))
  expect(phases).toEqual([
    expect.stringMatching(/^✓ What the control-plane knows: services, alerts, changes {2}1 answer, 1 without data$/),
    expect.stringMatching(/^✓ Golden signals, logs and traces of 47 services {2}\d\d answers, \d\d without data$/),
    '✓ Ranking of root causes',
  ])
  const counts = phases.flatMap((line) => line.match(/\d+(?= answer| without)/g) ?? []).map(Number)
  expect(
    counts.reduce((sum, one) => sum + one, 0),
    'metrics and logs of each service, traces, and three files',
  ).toBe(98)
  expect(told).toContainEqual(
    expect.stringMatching(/^■ ts-food-service: .* since 2023-01-29 14:50.* Most likely because of ts-food-service/),
  )
  const causes = told.filter((line) => /^ {2}\d\. /.test(line))
  expect(causes.map((line) => line.slice(2, 4))).toEqual(['1.', '2.', '3.'])
  expect(causes[0]).toMatch(/^ {2}1\. ts-food-service: \S+ went from .+ to .+/)
  expect(told).toContainEqual('  ? no changes are known')
  expect(told).toContainEqual(expect.stringMatching(/^ {2}findings and evidence: npx sre show \w{6}$/))
}

test(
  'shows a recorded and a live incident, and an approval in a second terminal rolls back',
  { timeout: 480_000 },
  async () => {
    const platform = startSre(['start', '--port', '0'], { DATA_DIR: dataDir })
    let said = ''
    platform.stdout.on('data', (text: Buffer) => (said += text.toString()))
    platform.stderr.on('data', (text: Buffer) => (said += text.toString()))
    const ended = once(platform, 'exit')
    const sees = (text: RegExp, limitMs: number) =>
      expect.poll(() => said, { timeout: limitMs, interval: 200 }).toMatch(text)
    try {
      await sees(/sre approve [0-9a-f-]{36}/, 200_000)
      expect(said).toContain('(IntelligentDDS/Nezha, TrainTicket, 29 January 2023)')
      // two sessions run at once, and either may be told first
      await vi.waitFor(() => expectRecordedIncident(stripVTControlCharacters(said)), { timeout: 60_000, interval: 200 })
      const approval = /sre approve ([0-9a-f-]{36})/.exec(said)?.[1] ?? ''
      const terminal = { DATA_DIR: dataDir }
      expect(await runSre(['approve', approval, '--reason', 'I looked'], terminal)).toMatchObject({ code: 1 })
      const login = await runSre(
        ['login', '--username', 'alice', '--password-stdin'],
        terminal,
        `${passwordOf('alice')}\n`,
      )
      expect(login).toMatchObject({ code: 0 })
      expect(await runSre(['approve', approval, '--reason', 'I looked'], terminal)).toMatchObject({ code: 0 })
      await sees(/helped/, 120_000)
      // what operates a platform finds the one that runs here
      expect(await runSre(['dlq', 'list'], terminal)).toMatchObject({ code: 0, err: '0 dead letters\n' })
      expect(await runSre(['freeze', 'status'], terminal)).toMatchObject({ code: 0, out: 'nothing is frozen\n' })
      const shown = await runSre(['sessions', '--json'], terminal)
      const { items } = JSON.parse(shown.out) as { items: { session_id: string; service: string | null }[] }
      expect(items.length).toBeGreaterThanOrEqual(2)
      const ofTheShop = items.find((one) => approval !== '' && one.service !== null)?.session_id ?? ''
      const done = await runSre(['show', ofTheShop], terminal)
      expect(done.out, 'what was done, not how to approve it').toMatch(/succeeded, helped/)
      expect(done.out).not.toContain('sre approve')
    } finally {
      platform.kill('SIGTERM')
    }
    expect(await ended).toEqual([0, null])
  },
)

test(
  'the demo does all of it by itself, away from what is configured, in the other language too',
  { timeout: 480_000 },
  async () => {
    const theirs = { DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/theirs', PROMETHEUS_URL: 'http://127.0.0.1:1' }
    const { code, out, err } = await runSre(['demo', '--language', 'zh-TW'], theirs)
    expect(err).toBe('展示自備一切，不使用：DATABASE_URL、PROMETHEUS_URL\n')
    expect(code).toBe(0)
    expect(out).toContain('完整流程已完成。')
  },
)
