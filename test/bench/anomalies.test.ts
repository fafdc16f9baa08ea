/** `npm run bench -- --anomalies` with few series. */
import { expect, it } from 'vitest'
import { runProgram } from '../cli/run-sre.ts'

it(
  'measures the way from OTLP bytes to what is judged beside decoding alone, memory, and a restart',
  { timeout: 240_000 },
  async () => {
    const ran = await runProgram(['bench/sessions.ts', '--anomalies', '--series', '200', '--steps', '2'], {})
    expect(ran.code, ran.err).toBe(0)
    expect(ran.out).toMatch(/^200 series, 380 points$/m)
    expect(ran.out).toMatch(/^ {2}decoded and judged: [\d,]+ \(goal 250,000\), \d\.\d\d of that$/m)
    expect(ran.out).toMatch(/^ {2}memory: [\d,]+ bytes a series \(goal 6,000\); the process [\d,]+ MB \(goal 600\)$/m)
    expect(ran.out).toMatch(/^ {2}stored in \d+\.\d s; after a restart known again in \d+\.\d s \(goal 20\), \d+ times reading the rows$/m) // prettier-ignore
  },
)

it('refuses no series at all', async () => {
  const ran = await runProgram(['bench/sessions.ts', '--anomalies', '--series', '0'], {})
  expect(ran).toMatchObject({ code: 2, out: '' })
})
