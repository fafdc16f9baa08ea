/** Sentences and numbers that mislead if they take in too much: latency after the incident, and a cause named twice. */
import { expect, it } from 'vitest'
import { writeReport } from '../../agents/postmortem/write-report.ts'
import { BEGAN, diagnosed, evidence, facts, MINUTE, session } from './facts.ts'

/** The action helped six minutes after the onset; a window of two minutes still shows it for two more. */
const times = Array.from({ length: 121 }, (_, place) => BEGAN + place * 5000)
const values = times.map((time) => (time < BEGAN + 8 * MINUTE ? 900 : 50))
const afterOf = (more: object, last = times.length) => {
  const series = [{ service: 'frontend', indicator: 'latency_p95', unit: 'ms', times: times.slice(0, last), values: values.slice(0, last) }] // prettier-ignore
  return writeReport(facts({}, [evidence('golden-signals', { series, ...more })])).impact.services[0]?.latency?.after
}

it('waits for one rate window, as the source tells it', () => {
  expect(afterOf({ rate_window_ms: 2 * MINUTE })).toBe(50)
  expect(afterOf({ rate_window_ms: 2 * MINUTE }, 96), 'nothing measured after that').toBeNull()
})

it('waits for four samples where the source tells none', () => {
  const [first, second] = [BEGAN + 6 * MINUTE + 15_000, BEGAN + 6 * MINUTE + 20_000].map((time) => times.indexOf(time) + 1) // prettier-ignore
  expect([afterOf({}, first), afterOf({}, second)]).toEqual([null, 900])
})

it('names the service once where the explanation begins with it', () => {
  const [cause] = diagnosed().root_causes
  const explanation = { en: 'cart: latency_p95 rose.', 'zh-TW': 'cart：latency_p95 上升。' }
  const result = diagnosed({ root_causes: [{ ...cause!, explanation }] })
  const [, why] = writeReport(facts({ sessions: [session({ result })] })).summary
  expect(why?.text).toEqual({
    en: 'The most likely cause (90 %) is cart: latency_p95 rose.',
    'zh-TW': '最可能的原因（90 %）是 cart：latency_p95 上升。',
  })
})
