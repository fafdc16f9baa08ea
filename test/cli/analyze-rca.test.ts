import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import { folder, recording } from '../recording/recording-dir.ts'
import { runHere } from './run-sre.ts'

const scenario = join(import.meta.dirname, '../scenarios/train-ticket-07')
const seen = ['frontend', 'cart', 'payment']

/** Three services, one of which becomes slow halfway. */
function metrics(slow: string | null): string {
  const rows = seen.flatMap((service) =>
    Array.from({ length: 120 }, (_, at) => {
      const time = new Date(Date.parse('2026-03-01T09:40:00Z') + at * 15_000).toISOString()
      const latency = 20 + ((at * 7) % 5) + (service === slow && at >= 90 ? 400 : 0)
      return `${time},${service},${service}-1,latency_p95,ms,${latency}\n`
    }),
  )
  return `timestamp,service,instance,indicator,unit,value\n${rows.join('')}`
}

describe('sre analyze rca', () => {
  it('ranks every service with evidence, as one JSON document per line', async () => {
    const dirs = [
      await recording({ 'metrics.csv': metrics('cart') }),
      await recording({ 'metrics.csv': metrics(null) }),
    ]
    const { code, out, err } = await runHere(['analyze', 'rca', '--json', ...dirs])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    const [first, second] = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(first).toMatchObject({ id: 'one', verdict: 'incident' })
    const causes = first?.['root_causes'] as { rank: number; service: string; evidence: string[] }[]
    expect(causes[0]).toMatchObject({ rank: 1, service: 'cart' })
    expect(causes.map(({ service }) => service).sort()).toEqual(seen.toSorted())
    const ids = (first?.['evidence'] as { id: string }[]).map(({ id }) => id)
    expect(causes[0]?.evidence.length).toBeGreaterThan(0)
    expect(causes[0]?.evidence.every((id) => ids.includes(id))).toBe(true)
    expect(typeof first?.['elapsed_ms']).toBe('number')
    expect(second).toMatchObject({ verdict: 'nothing_wrong' })
  })

  it('analyses the other recordings if one is invalid', async () => {
    const bad = await recording({ 'metrics.csv': 'timestamp,service,instance,indicator,unit,value\nnow,a,,b,,1\n' })
    const { code, out, err } = await runHere(['analyze', 'rca', '--json', bad, await folder(), await recording({ 'metrics.csv': metrics('cart') })]) // prettier-ignore
    expect(code).toBe(1)
    expect(err).toContain('metrics.csv:2:1: "now" is not an RFC 3339 time')
    expect(err).toContain('not a recording')
    expect(out.trim().split('\n')).toHaveLength(1)
  })

  it('analyses the readable rows, and reports the unreadable ones in the result', async () => {
    const rows = metrics('cart').replace('\n', '\nnow,a,,b,,1\n2026-03-01T09:40:00,a,,b,,1\n')
    const dir = await recording({ 'metrics.csv': rows })
    const { code, out, err } = await runHere(['analyze', 'rca', '--json', dir])
    expect(code).toBe(0)
    expect(err).toMatch(
      /metrics\.csv:2:1: "now" is not an RFC 3339 time with a zone: left out, with 1 more of 362 rows/,
    )
    const answer = JSON.parse(out) as { missing: string[] }
    expect(answer).toMatchObject({ verdict: 'incident', root_causes: [{ service: 'cart' }, {}, {}] })
    expect(answer.missing[0]).toMatch(/^2 of 362 rows could not be read and were left out; the first: metrics\.csv:2:1/)
    expect(answer).toMatchObject({ warnings: [{ line: 2, column: 1, count: 2, left_out_of: 362 }] })
    const strict = await runHere(['analyze', 'rca', '--strict', dir])
    expect(strict).toMatchObject({ code: 1, out: '' })
  })

  it('diagnoses the recorded incident without opening the ground truth', async () => {
    const dir = await folder()
    execFileSync('cp', ['-r', `${scenario}/.`, dir])
    // a pipe without a writer: opening it would block for ever
    execFileSync('mkfifo', [join(dir, 'truth.json')])
    const { code, out } = await runHere(['analyze', 'rca', '--json', dir])
    expect(code).toBe(0)
    const document = JSON.parse(out) as { verdict: string; summary: string[]; root_causes: { service: string }[] }
    const { verdict, summary, root_causes: causes } = document
    expect(summary).toHaveLength(4)
    const truth = JSON.parse(readFileSync(join(scenario, '../../../bench/truth/train-ticket-07.json'), 'utf8')) as {
      root_causes: { service: string }[]
    }
    expect(verdict).toBe('incident')
    expect(causes.slice(0, 5).map(({ service }) => service)).toContain(truth.root_causes[0]?.service)
  })

  it('prints three sentences in the requested language, the same on a terminal and in a pipe', async () => {
    const dir = await recording({ 'metrics.csv': metrics('cart') })
    const piped = await runHere(['analyze', 'rca', dir])
    expect(piped).toMatchObject({ code: 0, err: '' })
    expect(piped.out).not.toMatch(/[\u001b{]/)
    const english = await onTerminal(['analyze', 'rca', dir])
    expect(english).toMatch(/cart: \w+ went from \S+.* to .* since 2026-03-01 10:0/)
    expect(english).toMatch(/Most likely cause: cart/)
    expect(english).toMatch(/Evidence for the first/)
    expect(english).not.toMatch(/Other findings/)
    expect(english).toMatch(/[▁▂▃▄▅▆▇█]{5}/)
    const untimed = (text: string) => stripVTControlCharacters(text).replace(/ in [\d.]+ ms/, '').replaceAll(/\s+/g, ' ') // prettier-ignore
    expect(untimed(english)).toContain(untimed(piped.out))
    expect(await onTerminal(['analyze', 'rca', dir, '--language', 'zh-TW'])).toContain('最可能的原因是 cart')
  })
})

const PTY = 'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))'

/** Runs the command in a pseudo-terminal, by Python, which the tests need anyway. */
async function onTerminal(args: readonly string[]): Promise<string> {
  const sre = join(import.meta.dirname, '../../cli/sre.sh')
  const child = spawn('python3', ['-c', PTY, sre, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [out, [code]] = await Promise.all([text(child.stdout), once(child, 'close')])
  expect(code).toBe(0)
  return out
}
