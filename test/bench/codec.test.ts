import { expect, it } from 'vitest'
import { loadContract } from '../../schemas/contract.ts'
import { runProgram } from '../cli/run-sre.ts'

it('what the walk over records costs is told of each event, beside decoding them', async () => {
  const { code, out, err } = await runProgram(['bench/codec.ts', '--runs', '1'])
  expect(code, err).toBe(0)
  const [, ...rows] = out.trim().split('\n')
  expect(rows.map((row) => row.split(' ')[0])).toEqual(loadContract().topics.map(({ event }) => event))
  for (const row of rows) expect(row).toMatch(/ \d+ bytes +[\d.]+ +[\d.]+ +[\d.]+$/)
})

it('a number of runs that is none is refused', async () => {
  expect(await runProgram(['bench/codec.ts', '--runs', 'x'])).toMatchObject({ code: 2, out: '' })
})
