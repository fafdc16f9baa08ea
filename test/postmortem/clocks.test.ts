/** Sources whose clocks are five minutes apart: the report says so, keeps its order, and makes no interval of what cannot be. */
import { expect, it } from 'vitest'
import { writeReport } from '../../agents/postmortem/write-report.ts'
import { reportSchema } from '../../postmortem/report.ts'
import { BEGAN, diagnosed, evidence, facts, MINUTE, series, session } from './facts.ts'

const [cause] = diagnosed().root_causes
const apart = 5 * MINUTE
const measured = evidence('golden-signals', { series: [series('frontend', 'request_rate', '1/s', () => 20)] })
/** The onset is by the clock of the metrics; that of the events is right. */
const reportOf = (onset: number) => reportSchema.parse(writeReport(facts({ sessions: [session({ result: diagnosed({ onset, root_causes: [{ ...cause!, since: onset }] }) })] }, [measured]))) // prettier-ignore

it('that run ahead: the onset comes after its detection', () => {
  const { head, cause: found, timeline, impact } = reportOf(BEGAN + apart)
  expect(head.intervals.map(({ name, ms }) => [name, ms])).toEqual([['TTD', null], ['TTA', 3 * MINUTE], ['TTM', MINUTE], ['TTR', 5 * MINUTE]]) // prettier-ignore
  const said = found.open.filter(({ code }) => code === 'contradictory_times').map(({ text }) => text.en)
  expect(said[0]).toBe('contradictory times: detected at 2026-11-23 15:02:00 UTC, before began at 2026-11-23 15:05:00 UTC; the clocks of the sources may differ') // prettier-ignore
  expect(said).toHaveLength(2)
  expect(timeline.map(({ at }) => at)).toEqual(timeline.map(({ at }) => at).toSorted((one, other) => one - other))
  expect(impact).toMatchObject({ duration_ms: MINUTE, services: [{ requests: 20 * 60 }] })
})

it('that run late: the order of events stays, and no time is negative', () => {
  const { head, cause: found, timeline } = reportOf(BEGAN - apart)
  expect(head.intervals.every(({ ms }) => ms !== null && ms >= 0)).toBe(true)
  expect(found.open.map(({ code }) => code)).not.toContain('contradictory_times')
  expect(timeline[0]).toMatchObject({ kind: 'onset', at: BEGAN - apart })
})
