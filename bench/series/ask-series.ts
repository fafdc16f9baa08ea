/** Measures what is done with one series alone, a set in a thread of its own. */
import { isMainThread, parentPort, workerData } from 'node:worker_threads'
import { type AnomalyFigures, measureAnomalies } from './anomalies.ts'
import { type ForecastFigures, measureForecasts } from './forecasts.ts'

export interface SeriesFigures {
  nab: AnomalyFigures
  'm4-weekly': ForecastFigures
}

export type SeriesSet = keyof SeriesFigures

/** Where each lies below the data. */
export const seriesSets: Readonly<Record<SeriesSet, string>> = { nab: 'anomaly/nab', 'm4-weekly': 'forecast/m4-weekly' }

const measure: { [Name in SeriesSet]: (root: string) => SeriesFigures[Name] } = {
  nab: measureAnomalies,
  'm4-weekly': measureForecasts,
}

if (!isMainThread) {
  const { name, root } = workerData as { name: SeriesSet; root: string }
  parentPort?.postMessage(measure[name](root))
}
