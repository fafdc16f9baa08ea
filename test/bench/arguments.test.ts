/** The measuring commands: usage and invalid arguments. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runProgram } from '../cli/run-sre.ts'

const { scripts } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as { scripts: Record<string, string> } // prettier-ignore
const ofNpm = Object.values(scripts).flatMap((script) => /^node (bench\/\S+)$/.exec(script)?.[1] ?? [])
const commands = [...ofNpm, 'bench/codec.ts', 'bench/memory.ts', 'bench/secrets.ts', 'bench/excerpt-train-ticket.ts']

test('every npm script that measures is tested here', () => {
  expect(ofNpm.sort()).toEqual(['bench/eval.ts', 'bench/fuzz.ts', 'bench/generate.ts', 'bench/lab-days.ts', 'bench/picture.ts', 'bench/scenarios.ts', 'bench/sessions.ts']) // prettier-ignore
})

test.each(commands)('%s explains itself with --help, and refuses what it does not know', async (command) => {
  const [help, unknown] = await Promise.all([runProgram([command, '--help']), runProgram([command, '--nonsense'])])
  expect(help).toMatchObject({ code: 0, err: '', out: expect.stringMatching(/^usage: /) as string })
  expect(unknown).toMatchObject({ code: 2, out: '' })
  expect(unknown.err).toMatch(/^error: Unknown option '--nonsense'/)
  expect(unknown.err).toContain(help.out.trimEnd())
  expect(unknown.err).not.toMatch(/^ +at /m)
})
