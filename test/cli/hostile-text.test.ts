/** No command passes control sequences from outside to the terminal: each command with hostile data, on both streams. */
import { spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { prepareExecutor } from '../../agents/executor/executor.ts'
import type { Bus } from '../../bus/bus.ts'
import { createBus, preparePostgresBus } from '../../bus/create.ts'
import { writeEndpoints } from '../../cli/login/endpoints.ts'
import { writeTokens } from '../../cli/login/token-store.ts'
import { createLog } from '../../cli/log.ts'
import { cancel, contract, listen } from '../bus/bench.ts'
import { createDatabase, type Database } from '../servers/postgres.ts'
import { hostileFile, TYPED } from './hostile-files.ts'
import { HOSTILE, startHostileGateway } from './hostile-gateway.ts'
import { type Ran, runUnmeasured } from './run-sre.ts'

/** Written out, independent of the classes that the product defines. A line break is the one control that a program writes. */
// eslint-disable-next-line no-control-regex
const STEERS =
  /[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]|\p{Cs}/u

function expectHarmless({ out, err }: Pick<Ran, 'out' | 'err'>, what: string): void {
  for (const text of [out, err]) {
    expect(STEERS.exec(text)?.[0].codePointAt(0)?.toString(16), `${what}: ${JSON.stringify(text)}`).toBeUndefined()
    expect(text, what).not.toMatch(/^\s*All systems normal/m)
  }
}

const ID = '01890000-0000-7000-8000-000000abcdef'
let dir: string
let gateway: Awaited<ReturnType<typeof startHostileGateway>>
let database: Database
let bus: Bus
let letter: string | undefined

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'hostile-'))
  gateway = await startHostileGateway()
  writeEndpoints(dir, { gateway: gateway.url, issuer: gateway.url })
  writeTokens(dir, gateway.url, { accessToken: 'x', refreshToken: null, expiresAt: Date.now() + 3_600_000 })
  database = await createDatabase('hostile')
  await preparePostgresBus(database.url, contract)
  await prepareExecutor(database.url)
  bus = await createBus({ kind: 'postgres', databaseUrl: database.url, contract })
  const key = randomUUID()
  const listener = await listen(bus, { reject: () => HOSTILE })
  const record = await bus.encode('DiagnosisCancelRequested', { ...cancel(key, 1), reason: HOSTILE })
  await bus.publish([{ ...record, headers: { ...record.headers, [TYPED]: TYPED } }])
  await listener.of(key, 1)
  await listener.consumption.stop()
  for (let tries = 0; letter === undefined && tries < 20; tries++) {
    const { out } = await runUnmeasured(['dlq', 'list', '--json'], { DATABASE_URL: database.url })
    letter = (JSON.parse(out) as { id: string }[])[0]?.id
  }
}, 180_000)
afterAll(async () => {
  await bus?.close()
  await gateway?.stop()
  await database?.drop()
  rmSync(dir, { recursive: true, force: true })
})

const asked = (): Record<string, string> => ({ DATA_DIR: dir })
const stored = (): Record<string, string> => ({ DATABASE_URL: database.url })

/** Each command of `sre --help`, with arguments that give the most output. */
const COMMANDS: Readonly<Record<string, () => [args: string[], environment?: Record<string, string>][]>> = {
  'lab faults': () => [[['lab', 'faults'], { LAB_URL: 'http://127.0.0.1:1', LAB_TOKEN: 'token' }]],
  // prettier-ignore
  ...Object.fromEntries(['ingest', 'search', 'show', 'forget'].map((name) => [`memory ${name}`, () => [[['memory', name, HOSTILE.replaceAll('\0', '')], { CHROMA_URL: 'http://127.0.0.1:1' }]]])),
  'model check': () => [[['model', 'check'], { ANTHROPIC_API_KEY: 'key', SRE_MODEL: HOSTILE.replaceAll('\0', ''), ANTHROPIC_BASE_URL: 'http://127.0.0.1:1' }]], // prettier-ignore
  'lab fault': () => [[['lab', 'fault', HOSTILE.replaceAll('\0', '')]]],
  record: () => [[['record', '--service', HOSTILE.replaceAll('\0', ''), '--since', '1m', files('app.log')], { PROMETHEUS_URL: 'http://127.0.0.1:1' }]], // prettier-ignore
  diagnose: () => [
    [['diagnose', '--service', 'cart'], asked()],
    [['diagnose', '--service', 'cart', '--json'], asked()],
    [['diagnose', '--service', 'cart', '--no-wait'], asked()],
    [['diagnose', '--service', 'cart', '--watch'], asked()],
    [['diagnose', '--service', 'cart', '--watch', '--json'], asked()],
  ],
  capacity: () => [
    [['capacity', 'cart', '--metric', 'cpu'], asked()],
    [['capacity', 'cart', '--metric', 'cpu', '--json'], asked()],
  ],
  postmortem: () => [
    [['postmortem', ID], asked()],
    [['postmortem', TYPED, '--format', 'html', '--language', 'zh-TW'], asked()],
    [['postmortem', ID, '--json'], asked()],
  ],
  'postmortem show': () => [[['postmortem', 'show', ID], asked()]],
  'postmortem edit': () => [
    [['postmortem', 'edit', ID, '--print'], asked()],
    [['postmortem', 'edit', ID, '--file', files('app.log')], asked()],
    [['postmortem', 'edit', ID, '--state', 'reviewed'], asked()],
  ],
  'postmortem list': () => [[['postmortem', 'list', '--language', 'zh-TW'], asked()]],
  sessions: () => [
    [['sessions'], asked()],
    [['sessions', '--json'], asked()],
    [['sessions', '--gateway', `${gateway.url}/refused`], asked()],
  ],
  show: () => [
    [['show', ID], asked()],
    [['show', 'abcdef'], asked()],
    [['show', ID, '--json'], asked()],
    [['show', ID, '--watch', '--language', 'zh-TW'], asked()],
    [['show', ID, '--gateway', `${gateway.url}/elsewhere`], asked()],
  ],
  feedback: () => [
    [['feedback', ID, 'wrong', '--root-cause', 'the cache'], asked()],
    [['feedback', 'abcdef', 'right', '--note', 'yes', '--language', 'zh-TW'], asked()],
    [['feedback', ID, 'partly', '--json'], asked()],
  ],
  propose: () => [[['propose', 'abcdef', 'scale', '--param', 'replicas=2', '--reason', 'x'], asked()]],
  evidence: () => [
    [['evidence', ID, '--session', ID], asked()],
    [['evidence', ID, '--session', 'abcdef', '--language', 'zh-TW'], asked()],
    [['evidence', ID, '--session', ID, '--json'], asked()],
    [['evidence', 'abcdef'], asked()],
  ],
  // what it says on standard output: test/cli/mcp.test.ts
  mcp: () => [[['mcp'], asked()]],
  workflows: () => [
    [['workflows'], asked()],
    [['workflows', '--language', 'zh-TW'], asked()],
    [['workflows', '--json'], asked()],
  ],
  tools: () => [
    [['tools'], asked()],
    [['tools', '--language', 'zh-TW'], asked()],
    [['tools', '--json'], asked()],
  ],
  cancel: () => [
    [['cancel', ID], asked()],
    [['cancel', ID, '--json'], asked()],
  ],
  approvals: () => [
    [['approvals'], asked()],
    [['approvals', '--json'], asked()],
    [['approvals', '--language', 'zh-TW'], asked()],
  ],
  approve: () => [[['approve', ID, '--reason', TYPED], asked()]],
  reject: () => [[['reject', ID, '--reason', 'no', '--json'], asked()]],
  login: () => [
    [['login', '--username', 'x', '--password-stdin'], { DATA_DIR: dir, OIDC_ISSUER: `${gateway.url}/refused` }],
  ],
  logout: () => [[['logout'], { DATA_DIR: join(dir, 'nobody') }]],
  migrate: () => [[['migrate'], { DATABASE_URL: 'postgres://127.0.0.1:1/\u001b[31mevil' }]],
  'dlq list': () => [
    [['dlq', 'list'], stored()],
    [['dlq', 'list', '--json'], stored()],
  ],
  'dlq show': () => [
    [['dlq', 'show', letter!], stored()],
    [['dlq', 'show', letter!, '--json'], stored()],
    [['dlq', 'show', TYPED], stored()],
  ],
  'dlq redrive': () => [
    [['dlq', 'redrive', letter!], stored()],
    [['dlq', 'redrive', letter!, '--yes'], stored()],
  ],
  'freeze on': () => [[['freeze', 'on', '--reason', TYPED, '--by', TYPED], stored()]],
  'freeze status': () => [
    [['freeze', 'status'], stored()],
    [['freeze', 'status', '--json'], stored()],
  ],
  'freeze off': () => [
    [['freeze', 'off'], stored()],
    [['freeze', 'off', '--tenant', TYPED], stored()],
  ],
  'keys create': () => [[['keys', 'create'], { DATA_DIR: join(dir, TYPED) }]],
  'keys rotate': () => [[['keys', 'rotate'], { DATA_DIR: join(dir, TYPED) }]],
  'schemas check': () => [[['schemas', 'check', TYPED]]],
  'schemas release': () => [[['schemas', 'release', `--${TYPED}`]]],
  'schemas register': () => [[['schemas', 'register'], { DATABASE_URL: 'postgres://127.0.0.1:1/x%1b%5b2J' }]],
  'topics plan': () => [[['topics', 'plan', '--replicas', TYPED], { KAFKA_BROKERS: 'x' }]],
  'topics apply': () => [[['topics', 'apply'], { KAFKA_BROKERS: TYPED }]],
  'topics strimzi': () => [
    [['topics', 'strimzi', '--cluster', TYPED, '--namespace', TYPED], { KAFKA_PRINCIPAL_ASSISTANT: TYPED }],
    [['topics', 'strimzi', '--json', '--cluster', TYPED, '--authentication', TYPED]],
  ],
  'topics kafka-tools': () => [
    [['topics', 'kafka-tools'], { KAFKA_PRINCIPAL_ASSISTANT: TYPED }],
    [['topics', 'kafka-tools', '--replicas', TYPED]],
  ],
  serve: () => [
    [['serve', TYPED]],
    [['serve', 'gateway'], { DATABASE_URL: `${database.url}%1b%5b2J%0aAll systems normal`, OIDC_ISSUER: gateway.url }],
  ],
  connect: () => [
    [['connect', TYPED]],
    [['connect', 'github'], { CONNECT_GITHUB_SECRET: TYPED, CONNECT_MAPPING_FILE: TYPED.replaceAll('\0', '') }],
    [['connect', 'kubernetes'], { ...stored(), KUBECONFIG: `/nowhere/${TYPED.replaceAll('\0', '')}` }],
  ],
  doctor: () => [
    [['doctor'], { ...asked(), OIDC_ISSUER: gateway.url, PROMETHEUS_URL: gateway.url, LOKI_URL: gateway.url }],
    [['doctor', '--json'], { OIDC_ISSUER: gateway.url, PROMETHEUS_URL: gateway.url, DATABASE_URL: TYPED }],
    [['doctor', '--language', 'zh-TW'], { ...stored(), DATA_DIR: TYPED.replaceAll('\0', '') }],
    [['doctor', TYPED]],
  ],
  'doctor control-plane': () => [
    [['doctor', 'control-plane', TYPED], { OIDC_ISSUER: gateway.url, ASSISTANT_CLIENT_SECRET: 'x' }],
    [['doctor', 'control-plane', gateway.url], { OIDC_ISSUER: gateway.url, ASSISTANT_CLIENT_SECRET: 'x' }],
  ],
  start: () => [[['start', '--port', TYPED]]],
  demo: () => [[['demo', TYPED]]],
  'analyze rca': () => [[['analyze', 'rca', files('recording'), files('nowhere')]]],
  'analyze logs': () => [
    [['analyze', 'logs', files('app.log'), files('logs.jsonl'), files('none')]],
    [['analyze', 'logs', '--json', files('app.log')]],
  ],
  'analyze anomalies': () => [[['analyze', 'anomalies', files('a.csv'), files('bad.csv')]], [['analyze', 'anomalies', '--json', files('a.csv')]]], // prettier-ignore
  anomalies: () => [[['anomalies'], asked()], [['anomalies', '--language', 'zh-TW'], asked()]], // prettier-ignore
  'anomalies show': () => [[['anomalies', 'show', ID], asked()]],
  'anomalies expect': () => [[['anomalies', 'expect', ID, '--for', '2h', '--reason', 'load test'], asked()], [['anomalies', 'expect', 'abcdef', '--undo', '--language', 'zh-TW'], asked()]], // prettier-ignore
  forecasts: () => [[['forecasts'], asked()], [['forecasts', '--language', 'zh-TW'], asked()]], // prettier-ignore
  'forecasts show': () => [[['forecasts', 'show', ID], asked()]],
  'anomalies watch': () => [[['anomalies', 'watch', files('recording'), files('a.csv'), files('bad.csv')]]],
  'policy explain': () => [[['policy', 'explain', TYPED, '--json'], { POLICY_FILE: `/nowhere/${TYPED.replaceAll('\0', '')}` }]], // prettier-ignore
  'analyze forecast': () => [
    [['analyze', 'forecast', '--horizon', '2', files('a.csv'), files('bad.csv')]],
    [['analyze', 'forecast', '--horizon', '2', '--json', files('a.csv')]],
  ],
}

const files = (name: string): string => hostileFile(dir, name)

describe('a terminal', () => {
  it.each(Object.keys(COMMANDS))(
    'is not affected by anything that sre %s reads',
    { timeout: 180_000 },
    async (name) => {
      for (const [args, environment] of COMMANDS[name]!()) {
        const ran = await runUnmeasured(args, environment)
        expect(ran.out + ran.err, args.join(' ')).not.toBe('')
        expectHarmless(ran, args.join(' '))
      }
    },
  )

  it('is tested with every command and subcommand', async () => {
    const namesIn = async (...group: string[]) => {
      const { out } = await runUnmeasured([...group, '--help'])
      const [, listed = ''] = out.split(/^Commands:$/m)
      const names = [...listed.matchAll(/^  ([a-z][a-z-]*)(?: \[options\])?(?: [<[]\S+)*(?:  |$)/gm)].map(
        (match) => match[1]!,
      )
      return names.filter((name) => name !== 'help')
    }
    const groups = await namesIn()
    expect(groups).toContain('diagnose')
    const all = await Promise.all(
      groups.map(async (group) => {
        const names = await namesIn(group)
        return names.length === 0 ? [group] : names.map((name) => `${group} ${name}`)
      }),
    )
    expect(all.flat()).toContain('dlq list')
    expect(all.flat().filter((name) => COMMANDS[name] === undefined)).toEqual([])
  })

  it.each(['en', 'zh-TW'])(
    'shows a person in %s the name of a file, a series and a template as text',
    async (language) => {
      const [command, ...args] = ['node_modules/.bin/node', '--input-type=module', '-e', AT_A_TERMINAL]
      const given = [files('app.log'), files('a.csv'), files('recording')]
      const { stdout, stderr } = spawnSync(command!, [...args, language, ...given], { encoding: 'utf8' })
      expect(stdout).toContain('evil')
      const own = /\x1b\[(?:1|2|22|31|36|39)m|\r\x1b\[2K/g // eslint-disable-line no-control-regex
      expectHarmless({ out: stdout.replace(own, ''), err: stderr.replace(own, '') }, language)
    },
  )

  it('shows the log of a part as it is written', () => {
    const lines: string[] = []
    createLog({ base: null }, { write: (line) => void lines.push(line) }).info(
      { error: HOSTILE, [HOSTILE]: 1 },
      HOSTILE,
    )
    expectHarmless({ out: lines.join(''), err: '' }, 'log')
    expect(JSON.parse(lines[0]!)).toMatchObject({ error: HOSTILE, msg: HOSTILE })
  })
})

/** The offline commands as a terminal would have them: tables, colours, progress. */
const AT_A_TERMINAL = `
import { Command } from 'commander'
import { addAnalyze } from './cli/analyze/analyze-command.ts'
const [language, log, csv, recording] = process.argv.slice(1)
const surface = { out: process.stdout, err: process.stderr, outIsTerminal: true, errIsTerminal: true, columns: 100, language }
for (const words of [['logs', log], ['anomalies', csv], ['forecast', csv, '--horizon', '3', '--capacity', '9'], ['rca', recording]]) {
  const program = new Command('sre')
  addAnalyze(program, surface, () => undefined)
  await program.parseAsync(['analyze', ...words], { from: 'user' })
}
`
