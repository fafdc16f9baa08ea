/** What somebody sees who has just installed it: the first command, a second terminal, and the demo. */
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
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

test(
  'shows a recorded and a live incident, and an approval in a second terminal rolls back',
  { timeout: 240_000 },
  async () => {
    const platform = startSre(['start', '--port', '0'], { DATA_DIR: dataDir })
    let said = ''
    platform.stdout.on('data', (text: Buffer) => (said += text.toString()))
    platform.stderr.on('data', (text: Buffer) => (said += text.toString()))
    const ended = once(platform, 'exit')
    const sees = (text: RegExp, limitMs: number) =>
      expect.poll(() => said, { timeout: limitMs, interval: 200 }).toMatch(text)
    try {
      await sees(/sre approve [0-9a-f-]{36}/, 150_000)
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
      const shown = await runSre(['sessions', '--json'], terminal)
      expect(JSON.parse(shown.out).items.length).toBeGreaterThanOrEqual(2)
    } finally {
      platform.kill('SIGTERM')
    }
    expect(await ended).toEqual([0, null])
  },
)

test(
  'the demo does all of it by itself, away from what is configured, in the other language too',
  { timeout: 240_000 },
  async () => {
    const theirs = { DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/theirs', PROMETHEUS_URL: 'http://127.0.0.1:1' }
    const { code, out, err } = await runSre(['demo', '--language', 'zh-TW'], theirs)
    expect(err).toBe('The demo brings everything itself and leaves alone: DATABASE_URL, PROMETHEUS_URL\n')
    expect(code).toBe(0)
    expect(out).toContain('完整流程已完成。')
  },
)
