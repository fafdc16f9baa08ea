/** `npm run bench -- --postmortem` with few reports. */
import { expect, it } from 'vitest'
import { runProgram } from '../cli/run-sre.ts'

it('measures reports beside their baselines, and the memory of a large one', { timeout: 240_000 }, async () => {
  const ran = await runProgram(['bench/sessions.ts', '--postmortem', '--reports', '1'], {})
  expect(ran.code, ran.err).toBe(0)
  expect(ran.out).toMatch(/^a request refused at once, from request to answer: p50 \d+ ms \(1\)$/m)
  for (const incident of ['the recorded incident', 'an incident of the lab'])
    expect(ran.out).toMatch(new RegExp(`^a report of ${incident}, beyond the tools: p50 \\d+ ms \\(goal 300\\), \\d+\\.\\d\\d of that \\(1\\)$`, 'm')) // prettier-ignore
  expect(ran.out).toMatch(/^10000 events of one incident, \d+ MB of answers$/m)
  expect(ran.out).toMatch(
    /^ {2}the report: \d+ ms \(goal 2000\), \d+\.\d\d of that; \d+ MB \(goal 200\), \d+ before it began$/m,
  )
})

it.each([
  ['--reports', '0'],
  ['--many', '1'],
])('refuses %s %s', async (...given) => {
  const ran = await runProgram(['bench/sessions.ts', '--postmortem', ...given], {})
  expect(ran).toMatchObject({ code: 2, out: '' })
})
