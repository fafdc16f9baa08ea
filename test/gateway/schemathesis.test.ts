/**
 * Schemathesis against a real gateway: requests made from the document, alone and in sequences along its links. No answer may be a 5xx, have a status
 * or a body that the document lacks, or accept what the document refuses. `SCHEMATHESIS_EXAMPLES=N`: a longer run.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { prepareSurface, unlimited } from '../../bench/fuzz/http/surface.ts'
import { tokenFrom } from '../../bench/fuzz/http/tokens.ts'
import { loadContract } from '../../schemas/contract.ts'
import {
  schemathesis,
  schemathesisCommand,
  schemathesisConfig,
  schemathesisHooks,
} from '../servers/local/schemathesis.ts'
import { type Platform, startPlatform } from './platform.ts'

const EXAMPLES = process.env['SCHEMATHESIS_EXAMPLES'] ?? '8'
const SEED = process.env['SCHEMATHESIS_SEED'] ?? '20261129'
/** the issuer's tokens last 300 s */
const FRESH_MS = 60_000
const LIMIT_MS = 3_600_000

const CHECKED = [
  ...['--config-file', schemathesisConfig, 'run', new URL('../../gateway/openapi.yaml', import.meta.url).pathname],
  ...['--phases', 'examples,coverage,fuzzing,stateful', '--generation-database', 'none'],
  ...['--checks', 'all'],
  // a stream ends only with its session, or not at all
  ...['streamSessionEvents', 'streamAnomalies', 'streamForecasts'].flatMap((id) => ['--exclude-operation-id', id]),
  // slowness of a busy machine is not the API's fault
  ...['--suppress-health-check', 'all', '--request-timeout', '120'],
  ...['--no-color', '--continue-on-failure'],
]

let platform: Platform
let surface: Awaited<ReturnType<typeof prepareSurface>>
let url: string
let folder: string
let renewing: NodeJS.Timeout | undefined

beforeAll(async () => {
  platform = await startPlatform({ limits: { ...unlimited } })
  url = await platform.app.listen({ host: '127.0.0.1', port: 0 })
  surface = await prepareSurface({
    url,
    bus: platform.bus,
    contract: loadContract(),
    signIn: (who) => tokenFrom(platform.issuer, who),
  })
  folder = await mkdtemp(join(tmpdir(), 'schemathesis-'))
}, 180_000)
afterAll(async () => {
  clearInterval(renewing)
  await surface?.close()
  await platform?.close()
  await rm(folder, { recursive: true, force: true })
})

interface Ran {
  code: number
  out: string
}

function run(args: readonly string[], environment: Record<string, string>): Promise<Ran> {
  const [program, ...first] = schemathesisCommand()
  const options = {
    cwd: folder,
    env: { ...process.env, ...environment },
    timeout: LIMIT_MS,
    maxBuffer: 64 * 1024 * 1024,
  }
  return new Promise((resolve) =>
    execFile(program, [...first, ...args], options, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), out: `${stdout}${stderr}` }),
    ),
  )
}

/** One value of each kind that the platform knows. */
async function known(): Promise<Record<string, string>> {
  const ids = Object.fromEntries(Object.entries(surface.known).map(([name, values]) => [name, values[0]!]))
  const { body } = await platform.ask('alice', 'GET', `/api/v1/approvals/${ids['approval_id']}`)
  return { ...ids, action_hash: String(body['action_hash']) }
}

/** Tokens expire during the run. */
async function tokenFile(who: string): Promise<string> {
  const file = join(folder, 'token')
  const renew = async () => writeFile(file, await surface.tokenOf(who))
  await renew()
  renewing = setInterval(() => void renew(), FRESH_MS)
  return file
}

test(
  'the gateway conforms to its document, also along its links',
  async () => {
    if (!(await schemathesis.prepared()))
      throw new Error('Schemathesis is not in the cache yet. Run `npm run test:servers` once.')
    const ran = await run([...CHECKED, '--url', url, '--max-examples', EXAMPLES, '--seed', SEED], {
      SCHEMATHESIS_HOOKS: schemathesisHooks,
      TOKEN_FILE: await tokenFile('alice'),
      KNOWN: JSON.stringify(await known()),
    })
    expect(ran.code, ran.out.slice(-20_000)).toBe(0)
  },
  LIMIT_MS,
)
