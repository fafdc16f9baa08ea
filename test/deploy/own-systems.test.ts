/** The guide for a team with its own Kafka, Keycloak, Prometheus and Loki: its commands in order, on real servers, up to a diagnosis. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { documentedCommands } from '../cli/documented.ts'
import { fillIn } from '../identity/forms.ts'
import { until } from '../runtime/counting.ts'
import { freePort } from '../servers/free-port.ts'
import { kafka, startPrivateKafka } from '../servers/kafka.ts'
import { startPrivateKeycloak } from '../servers/keycloak.ts'
import { loki } from '../servers/loki.ts'
import { createDatabase } from '../servers/postgres.ts'
import { openMetrics, startPrometheus } from '../servers/prometheus.ts'
import { END, FAULT, requests } from '../tools/measured-service.ts'

const root = join(import.meta.dirname, '../..')
const guide = documentedCommands()
  .filter(({ file }) => file === 'docs/guides/own-systems.md')
  .map(({ line }) => line)
const at = mkdtempSync(join(tmpdir(), 'sre-guide-'))
const settings = join(at, 'sre.env')
const NEW_PASSWORD = 'changed at the first sign-in'
const systems: { stop(): Promise<unknown> }[] = []
const serving: { child: ChildProcess; closed: Promise<unknown> }[] = []
/** what a reader puts in place of the examples */
let addresses: Record<string, string>
let said = ''
/** the log of the components */
let servingSaid = ''
/** ms; what a command may take on a busy machine. One that waits for ever is stopped, and reported with what it said. */
const PATIENCE_MS = 150_000

beforeAll(async () => {
  const shape = { counter: 'http_requests_total', buckets: 'http_request_duration_seconds_bucket' }
  const codes = { good: { status: '200' }, failed: { status: '500' } }
  const own = await Promise.all([
    startPrivateKafka(),
    kafka(),
    startPrivateKeycloak(JSON.stringify({ realm: 'somebody-elses', enabled: true })),
    loki(),
    createDatabase('guide'),
    startPrometheus({
      openMetrics: openMetrics([
        ...requests({ ...shape, ...codes, labels: { job: 'checkout' } }),
        ...requests({ ...shape, ...codes, labels: { job: 'billing' }, faultAt: END }),
      ]),
    }),
  ])
  const [broker, { registryUrl }, keycloak, logs, database, prometheus] = own
  systems.push(broker, keycloak, prometheus, { stop: () => database.drop() })
  const lines = Array.from({ length: 40 }, (_, second) => ({ ms: (FAULT + second) * 1000, line: 'level=error msg="no answer from the bank"' })) // prettier-ignore
  await logs.push([{ labels: { service_name: 'checkout' }, lines }])
  const port = await freePort()
  addresses = {
    KAFKA_BROKERS: broker.brokers.join(','),
    SCHEMA_REGISTRY_URL: registryUrl,
    DATABASE_URL: database.url,
    PROMETHEUS_URL: prometheus.url,
    LOKI_URL: `${logs.url}\nLOKI_TENANT=${logs.tenant}`,
    KEYCLOAK_URL: keycloak.url,
    OIDC_ISSUER: keycloak.issuer,
    GATEWAY_PORT: String(port),
    SRE_GATEWAY_URL: `http://127.0.0.1:${port}\nDATA_DIR=${at}\nHEALTH_PORT=off`,
  }
}, 300_000)
afterAll(async () => {
  for (const { child, closed } of serving) {
    end(child)
    await closed
  }
  for (const one of systems) await one.stop()
  rmSync(at, { recursive: true })
}, 120_000)

/** The line of the guide in a shell of its own, with the settings once they are there. */
function inShell(line: string): ChildProcess {
  const given = line
    .replaceAll('./sre.env', settings)
    .replace('> sre.env', `> ${settings}`)
    .replace('KEYCLOAK_ADMIN_PASSWORD=…', 'KEYCLOAK_ADMIN_PASSWORD=admin')
  const before = `set -a; [ ! -f '${settings}' ] || . '${settings}'; set +a`
  const { PATH = '', HOME = '', NODE_V8_COVERAGE } = process.env
  const env = { PATH, HOME, ...(NODE_V8_COVERAGE === undefined ? {} : { NODE_V8_COVERAGE }) }
  return spawn('bash', ['-c', `${before}\nexec 2>&1\n${given}`], { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'], detached: true }) // prettier-ignore
}

/** Ends the shell and what it started; nothing may be left of one that failed. */
function end(child: ChildProcess): void {
  try {
    process.kill(-child.pid!, 'SIGTERM')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** What the command said; fails if it does not succeed. */
async function ended(line: string, child: ChildProcess): Promise<string> {
  const impatient = setTimeout(() => end(child), PATIENCE_MS)
  const [out] = await Promise.all([text(child.stdout!), once(child, 'exit')])
  clearTimeout(impatient)
  expect(child.exitCode, `${line}\n${out}\n\n${servingSaid}`).toBe(0)
  return out
}

const ran = (line: string): Promise<string> => ended(line, inShell(line))

/** Starts a component, and waits until it says that it is running. */
async function serve(line: string): Promise<string> {
  const child = inShell(line)
  serving.push({ child, closed: once(child, 'close') })
  let out = ''
  child.stdout!.on('data', (chunk: Buffer) => {
    out += String(chunk)
    servingSaid += String(chunk)
  })
  await until(120_000, `${line}: ${out}`, async () => /is running/.test(out) || undefined)
  return out
}

/** Signs in on the page whose address the command prints. */
async function signIn(line: string): Promise<string> {
  const child = inShell(line)
  let out = ''
  let page: Promise<string> | undefined
  child.stdout!.on('data', (chunk: Buffer) => {
    out += String(chunk)
    const url = /http:\S+/.exec(out)?.[0]
    if (url === undefined || !out.endsWith('\n') || page !== undefined) return
    const password = /password for the first sign-in: (\S+)/.exec(said)?.[1] ?? ''
    const changed = { 'password-new': NEW_PASSWORD, 'password-confirm': NEW_PASSWORD }
    page = fillIn(url, { username: 'alice', password, ...changed })
  })
  const all = await ended(line, child)
  await page
  return all
}

/** Lines with an answer of their own; every other line must only succeed. */
const ANSWERS: Readonly<Record<string, { run?: (line: string) => Promise<string>; says: RegExp }>> = {
  '(umask 077 && sh deploy/make-env.sh deploy/own-systems.env > sre.env)': { run: fillInSettings, says: /^$/ },
  'KEYCLOAK_ADMIN_PASSWORD=… npx node deploy/keycloak/add-realm.ts': { says: /added the realm sre-platform/ },
  'npx sre doctor gateway assistant': { says: /Kafka/ },
  'npx sre serve gateway': { run: serve, says: /gateway is running/ },
  'npx sre serve assistant': { run: serve, says: /assistant is running/ },
  'npx sre login': { run: signIn, says: /signed in as alice \(team_manager\)/ },
  'npx sre diagnose --service checkout --since 1h --watch': { says: /^incident [^]*1\. checkout/m },
}

/** Runs the command, and puts the addresses in place of the examples, as an editor would. */
async function fillInSettings(line: string): Promise<string> {
  const out = await ran(line)
  const example = readFileSync(settings, 'utf8')
  writeFileSync(
    settings,
    example.replace(/^([A-Z_]+)=(.*)$/gm, (all, name: string) =>
      name in addresses ? `${name}=${addresses[name]}` : all,
    ),
  )
  return out
}

test('the commands of the guide lead to a diagnosis of one of the services', { timeout: 600_000 }, async () => {
  expect(guide[0]).toBe('npm ci')
  expect(guide).toEqual(expect.arrayContaining(Object.keys(ANSWERS)))
  // npm ci is how this test came to be installed
  for (const line of guide.slice(1)) {
    const { run = ran, says = /[^]*/ } = ANSWERS[line] ?? {}
    const out = await run(line)
    said += out
    expect(out, line).toMatch(says)
  }
})
