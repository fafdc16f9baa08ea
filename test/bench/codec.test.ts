import { expect, it } from 'vitest'
import { loadContract } from '../../schemas/contract.ts'
import { runProgram } from '../cli/run-sre.ts'

it('the cost of walking records is reported for each event, next to decoding', async () => {
  const { code, out, err } = await runProgram(['bench/codec.ts', '--runs', '1'])
  expect(code, err).toBe(0)
  const [, ...rows] = out.trim().split('\n')
  expect(rows.map((row) => row.split(' ')[0])).toEqual(loadContract().topics.map(({ event }) => event))
  for (const row of rows) expect(row).toMatch(/ \d+ bytes +[\d.]+ +[\d.]+ +[\d.]+$/)
})

it('an invalid number of runs is refused', async () => {
  expect(await runProgram(['bench/codec.ts', '--runs', 'x'])).toMatchObject({ code: 2, out: '' })
})
