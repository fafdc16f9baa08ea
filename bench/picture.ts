/**
 * `npm run picture [FOLDER]`: starts the platform as the README describes, approves an action, asks once more, and draws the terminal as SVG, and
 * the postmortem as PNG. The output is not edited; pauses are not shown.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { readArguments, refuse } from './arguments.ts'
import { pageAsPng } from './picture/page.ts'
import { picture } from './picture/svg.ts'

const root = join(import.meta.dirname, '..')
const USAGE = `usage: npm run picture [FOLDER]

  FOLDER  where to write loop.svg and postmortem.png (default: docs/pictures)`
const { positionals } = readArguments(USAGE, { allowPositionals: true, options: {} })
if (positionals.length > 1) refuse(USAGE)
const pictures = positionals[0] ?? join(root, 'docs/pictures')
const folder = mkdtempSync(join(tmpdir(), 'sre-picture-'))
// the database's account must be able to traverse it
chmodSync(folder, 0o711)

/** Runs in its own folder, so that printed paths look like a user's. */
function sre(args: readonly string[], input = '') {
  const child = spawn(join(root, 'cli/sre.sh'), args, { cwd: folder, env: { PATH: process.env['PATH'], FORCE_COLOR: '1' } }) // prettier-ignore
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (said += text.toString()))
  child.stdin.end(input)
  return { child, said: () => said, ended: once(child, 'exit') }
}

async function seen(said: () => string, text: RegExp, limitMs: number): Promise<RegExpExecArray> {
  for (const deadline = Date.now() + limitMs; ;) {
    const found = text.exec(stripVTControlCharacters(said()))
    if (found !== null) return found
    if (Date.now() > deadline || start.child.exitCode !== null) throw new Error(`${text} was not seen:\n${said()}`)
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

async function typed(args: readonly string[]): Promise<string[]> {
  const words = args.map((word) => (/^[\w.-]+$/.test(word) ? word : `"${word}"`)).join(' ')
  const { said, ended } = sre(args)
  await ended
  return ['', `\x1b[1m$ npx sre ${words}\x1b[0m`, ...linesOf(said())]
}

const linesOf = (said: string): string[] => said.trimEnd().split('\n')

const start = sre(['start', '--port', '0'])
try {
  const [, approval = ''] = await seen(start.said, /sre approve [0-9a-f-]{30}([0-9a-f]{6})/, 180_000)
  await seen(start.said, /Running: gateway/, 30_000)
  const first = linesOf(start.said())
  const people: { username: string; password: string }[] = JSON.parse(readFileSync(join(folder, '.sre/people.json'), 'utf8')) // prettier-ignore
  const alice = people.find(({ username }) => username === 'alice')?.password ?? ''
  await sre(['login', '--username', 'alice', '--password-stdin'], `${alice}\n`).ended
  const approved = await typed(['approve', approval, '--reason', 'I looked'])
  await seen(start.said, /succeeded, helped[^]*\n.*frontend .*\n/, 150_000)
  const [, postmortem = ''] = await seen(start.said, /measurably helped.*\n.*sre postmortem show (\w+)/, 60_000)
  const after = linesOf(start.said()).slice(first.length)
  const asked = await typed(['diagnose', '--service', 'checkout', '--since', '30m', '--watch'])
  const lines = ['\x1b[1m$ npm start\x1b[0m', ...first, ...approved, '', ...after, ...asked]
  writeFileSync(join(pictures, 'loop.svg'), picture(lines))
  const page = join(folder, 'postmortem.html')
  await sre(['postmortem', 'show', postmortem, '--format', 'html', '--output', page]).ended
  writeFileSync(join(pictures, 'postmortem.png'), await pageAsPng(page))
  console.log(`${pictures}: loop.svg (${lines.length} lines), postmortem.png`)
} finally {
  start.child.kill('SIGTERM')
  await start.ended
  rmSync(folder, { recursive: true, force: true })
}
