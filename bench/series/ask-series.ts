/** Runs the measurements on single series, each set in a thread. */
import { isMainThread, parentPort, workerData } from 'node:worker_threads'
import { type AnomalyFigures, measureAnomalies } from './anomalies.ts'
import { type ForecastFigures, measureForecasts } from './forecasts.ts'

export interface SeriesFigures {
  nab: AnomalyFigures
  'm4-weekly': ForecastFigures
}

export type SeriesSet = keyof SeriesFigures

/** Folder of each set in the data folder. */
export const seriesSets: Readonly<Record<SeriesSet, string>> = { nab: 'anomaly/nab', 'm4-weekly': 'forecast/m4-weekly' }

const measure: { [Name in SeriesSet]: (root: string) => SeriesFigures[Name] } = {
  nab: measureAnomalies,
  'm4-weekly': measureForecasts,
}

if (!isMainThread) {
  const { name, root } = workerData as { name: SeriesSet; root: string }
  parentPort?.postMessage(measure[name](root))
}
