/** An anomaly that opens, as one line. */
import type { Language } from '../../gateway/present/language.ts'
import { clauses, labelled, noted, readable } from '../../gateway/present/words.ts'
import type { AnomalyDetected } from '../../schemas/events.generated.ts'
import { measured } from '../anomalies/render.ts'
import { type Line, paint } from './line.ts'

const WORDS = { en: 'anomaly', 'zh-TW': '異常' } as const

/** With the strongest series of the service it starts from; none for later phases. */
export function anomalyLines({ phase, severity, service, series }: AnomalyDetected, language: Language): Line[] {
  if (phase !== 'opened') return []
  const strongest = series.find((one) => one.service === service) ?? series[0]
  const label = noted(language, WORDS[language], readable(language, severity))
  const what = strongest === undefined ? service : clauses(language, measured(strongest, language))
  return [paint('yellow', labelled(language, label, what))]
}
