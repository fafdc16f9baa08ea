/** An anomaly of the gateway as lines of a list, or whole. */
import type { Anomaly } from '../../gateway/api.generated.ts'
import type { Language } from '../../gateway/present/language.ts'
import { readable } from '../../gateway/present/words.ts'
import { joined, type Line, paint, painted } from '../terminal/line.ts'
import { expectationLine } from './expect.ts'
import { painting, seriesLine } from './render.ts'
import { listing as texts, watching } from './texts.ts'

/** Series of an open anomaly that a list shows. */
const SHOWN = 3

/** One line if it is closed; else the strongest series outside their ranges, too. */
export function listed(anomaly: Anomaly, language: Language): Line[] {
  const head = headOf(anomaly, anomaly.anomaly_id.slice(-6), language)
  const expected = expectedIn(anomaly, language)
  if (anomaly.state !== 'open') return [head, ...expected]
  const more = anomaly.series.length - SHOWN
  return [
    head,
    ...expected,
    ...anomaly.series.slice(0, SHOWN).map((one) => seriesLine(one, language)),
    ...(more > 0 ? [painted`  ${texts.more(more)[language]}`] : []),
  ]
}

export function detailed(anomaly: Anomaly, language: Language): Line[] {
  const { anomaly_id, series, joined_to, session_id } = anomaly
  return [
    headOf(anomaly, anomaly_id, language),
    ...expectedIn(anomaly, language),
    ...series.map((one) => seriesLine(one, language)),
    ...(joined_to === null ? [] : [texts.joinedTo(joined_to)[language]]),
    ...(session_id === null ? [] : [texts.diagnosis(session_id.slice(-6))[language]]),
  ]
}

const expectedIn = ({ expectation }: Anomaly, language: Language): Line[] =>
  expectation === null ? [] : [painted`  ${expectationLine(expectation, language)}`]

function headOf(anomaly: Anomaly, id: string, language: Language): Line {
  const { state, severity, ending, service, services, since, closed_at } = anomaly
  const others = services.filter((one) => one !== service)
  return joined(
    [
      id,
      state === 'open' ? painting(severity, readable(language, severity)) : readable(language, ending ?? state),
      paint('bold', service),
      ...(others.length === 0 ? [] : [watching.with(others)[language]]),
      closed_at === null ? watching.since(since)[language] : texts.lasted(since, closed_at)[language],
    ],
    '  ',
  )
}
