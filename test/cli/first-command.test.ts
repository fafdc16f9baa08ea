/** The experience after installation: the first command, a second terminal, and the demo. */
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { documentedCommands, type InHand, known, knownLines } from './documented.ts'
import { type Ran, runSre, runUnmeasured, startNpm, startSre } from './run-sre.ts'

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

const PHASE = /^(Services, alerts|Golden signals|Ranking root)/

/** The complete output of a diagnosis: request, a line per phase, verdict, causes and data gaps. */
function expectRecordedIncident(said: string): void {
  const asked = /^(\w{6}) recording requested a diagnosis .*: (.+)$/m.exec(said)
  expect(asked?.[2]).toBe('Parts of the ticket shop are slow since about 14:50. What is wrong?')
  const told = said.split('\n').filter((line) => line.startsWith(`${asked?.[1]} `)).map((line) => line.slice(7)) // prettier-ignore
  expect(told.length).toBeLessThan(12)
  const phases = told.filter((line) => PHASE.test(line))
  expect(phases).toEqual([
    expect.stringMatching(/^Services, alerts and changes: 1 answer, 2 without data$/),
    expect.stringMatching(/^Golden signals, logs and traces of 47 services: \d\d answers, \d\d without data$/),
    'Ranking root causes',
  ])
  const counts = phases.flatMap((line) => line.match(/\d+(?= answer| without)/g) ?? []).map(Number)
  expect(
    counts.reduce((sum, one) => sum + one, 0),
    'metrics and logs of each service, traces, and four files',
  ).toBe(99)
  expect(told).toContainEqual(
    expect.stringMatching(
      /^diagnosis: ts-food-service: .* since 2023-01-29 14:50.* (Ongoing|Recovering) as of 2023-01-29 .* Most likely cause: ts-food-service/,
    ),
  )
  const causes = told.filter((line) => /^ {2}\d\. /.test(line))
  expect(causes.map((line) => line.slice(2, 4))).toEqual(['1.', '2.', '3.'])
  expect(causes[0]).toMatch(/^ {2}1\. ts-food-service: \S+ went from .+ to .+/)
  expect(told).toContainEqual(expect.stringMatching(/^ {2}data gap: no known changes/))
  expect(told).toContainEqual(expect.stringMatching(/^ {2}findings and evidence: npx sre show \w{6}$/))
}

/** The recorded incident is told to its end before the live one begins. */
function expectInOrder(said: string): void {
  const sessions = said.split('\n').flatMap((line) => /^([0-9a-f]{6}) /.exec(line)?.[1] ?? [])
  const [recorded = '', ...others] = [...new Set(sessions)]
  expect(others.length).toBeGreaterThan(0)
  const heading = said.indexOf('\n2. The live shop')
  expect(said.lastIndexOf(`\n${recorded} `)).toBeLessThan(heading)
  for (const other of others) expect(said.indexOf(`\n${other} `)).toBeGreaterThan(heading)
}

test('documented.ts lists exactly the commands of README.md and the guides', () => {
  const documented = documentedCommands()
  expect(documented.length).toBeGreaterThan(25)
  for (const one of documented) expect(() => known(one)).not.toThrow()
  expect(knownLines().filter((line) => !documented.some((one) => one.line === line))).toEqual([])
})

test(
  'all commands of the README and the guides work in order: two incidents, an approved rollback, and the rest',
  { timeout: 900_000 },
  async () => {
    const platform = startNpm(['--port', '0'], { DATA_DIR: dataDir })
    let said = ''
    platform.stdout.on('data', (text: Buffer) => (said += text.toString()))
    platform.stderr.on('data', (text: Buffer) => (said += text.toString()))
    const ended = once(platform, 'exit')
    const sees = (text: RegExp, limitMs: number) =>
      expect.poll(() => said, { timeout: limitMs, interval: 200 }).toMatch(text)
    const terminal = { DATA_DIR: dataDir }
    const sre = (args: readonly string[], input = ''): Promise<Ran> => runUnmeasured(args, terminal, input)
    try {
      await sees(/sre approve [0-9a-f-]{36}/, 200_000)
      expect(said).toContain('(IntelligentDDS/Nezha, TrainTicket, 29 January 2023)')
      expectRecordedIncident(stripVTControlCharacters(said))
      expectInOrder(stripVTControlCharacters(said))
      const approval = /sre approve ([0-9a-f-]{36})/.exec(said)?.[1] ?? ''
      expect(await sre(['approve', approval, '--reason', 'I looked'])).toMatchObject({ code: 1 })
      const given: InHand = { password: passwordOf('alice'), approval, session: '', evidence: '', postmortem: '' }
      for (const one of documentedCommands()) {
        const runs = known(one)
        if ('elsewhere' in runs) continue
        const ran = one.line.endsWith('--watch')
          ? await watched(runs.args(given), terminal, runs.says)
          : await sre(runs.args(given), runs.input?.(given))
        expect((ran.out + ran.err).slice(0, 20_000), one.line).toMatch(runs.says)
        if (!one.line.endsWith('--watch')) expect(ran.code, `${one.line}: ${ran.err}`).toBe(runs.code ?? 0)
        if (one.line.startsWith('npx sre approvals')) await seeWhoMayNot(sre, approval)
        if (one.line.startsWith('npx sre approve ')) {
          await seeItIsOver(sees, sre)
          const [, session = ''] = /npx sre show (\S+)/.exec(ran.out) ?? []
          const done = await sre(['show', session])
          expect(done.out, 'what was done, not how to approve it').toMatch(/succeeded, helped/)
          expect(done.out).not.toContain('sre approve')
        }
        given.session ||= /^[0-9a-f]{6}(?= .*awaiting approval)/m.exec(ran.out)?.[0] ?? ''
        if (one.line === 'npx sre postmortem list') given.postmortem ||= /^[0-9a-f]{6}/m.exec(ran.out)?.[0] ?? ''
        given.evidence ||= /\[evidence ([0-9a-f]{6})/.exec(ran.out)?.[1] ?? ''
      }
      expect(given.evidence, 'what show cites was looked at').not.toBe('')
    } finally {
      platform.kill('SIGTERM')
    }
    expect(await ended).toEqual([0, null])
  },
)

/** `--watch` waits for a decision, so stop it once the expected output has appeared. */
async function watched(args: readonly string[], environment: Record<string, string>, says: RegExp): Promise<Ran> {
  const watching = startSre(args, environment)
  const ended = once(watching, 'exit')
  let out = ''
  for (const stream of [watching.stdout, watching.stderr]) stream.on('data', (text: Buffer) => (out += text.toString()))
  try {
    await expect.poll(() => out, { timeout: 180_000, interval: 100 }).toMatch(says)
  } finally {
    watching.kill('SIGINT')
  }
  await ended
  return { code: null, out, err: '' }
}

type Sre = (args: readonly string[], input?: string) => Promise<Ran>

/** A refusal names the missing role. */
async function seeWhoMayNot(sre: Sre, approval: string): Promise<void> {
  await sre(['login', '--username', 'bob', '--password-stdin'], `${passwordOf('bob')}\n`)
  const refused = await sre(['approve', approval, '--reason', 'I looked'])
  expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('bob has team_member; deciding on an action') })
  await sre(['login', '--username', 'alice', '--password-stdin'], `${passwordOf('alice')}\n`)
}

/** A minute later, the same command reports the past incident and nothing else. */
async function seeItIsOver(sees: (text: RegExp, limitMs: number) => Promise<void>, sre: Sre): Promise<void> {
  await sees(/helped/, 120_000)
  await sees(/postmortem: .+\n(.+\n)+.*the whole report: npx sre postmortem show [0-9a-f]{6}/, 120_000)
  const asked = async () => (await sre(['diagnose', '--service', 'checkout', '--since', '30m', '--watch'])).out
  const over = /cart[^]*(It was over by|now over|It is over|Recovering as of)[^]*^incident \(confidence/m
  // alerts resolve shortly after the incident
  await expect.poll(asked, { timeout: 180_000, interval: 3000 }).toMatch(over)
}

test(
  'the demo runs everything by itself, with a second outage, ignoring the configuration, also in zh-TW',
  // a machine that is overloaded for minutes makes the shop slow whatever is rolled back, and the demo says so and fails
  { timeout: 480_000, retry: 2 },
  async () => {
    const theirs = { DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/theirs', PROMETHEUS_URL: 'http://127.0.0.1:1' }
    const { code, out, err } = await runSre(['demo', '--again', '--language', 'zh-TW'], theirs)
    // a busy machine is reported there, too
    expect(err).toMatch(/^展示不需外部系統，已忽略：DATABASE_URL、PROMETHEUS_URL\n/)
    expect(code, out).toBe(0)
    // on a busy machine the shop may become slow by itself, which is an incident of its own
    expect(out.match(/最可能的原因是 ?cart/g)?.length).toBeGreaterThanOrEqual(2)
    // only what went before the second outage can be remembered in it
    expect(
      out.match(/類似 \d+ 年 \d+ 月 \d+ 日的事故 .+：當時是「.+」，cart 的 rollback 有效/g)?.length,
    ).toBeGreaterThanOrEqual(1)
    expect(out.match(/完整報告：npx sre postmortem show [0-9a-f]{6}/g)?.length).toBeGreaterThanOrEqual(2)
    expect(out).toContain('完整流程已完成。')
  },
)
