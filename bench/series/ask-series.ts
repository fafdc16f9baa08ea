/** Runs the measurements on single series, each set in a thread. */
import { isMainThread, parentPort, workerData } from 'node:worker_threads'
import { type AnomalyFigures, measureAnomalies } from './anomalies.ts'
import { m4Hourly, m4Weekly } from '../sets/m4.ts'
import { type ForecastFigures, measureForecasts } from './forecasts.ts'
import { measureMinutes, type MinuteFigures } from './minute-series.ts'

export interface SeriesFigures {
  nab: AnomalyFigures
  wsd: MinuteFigures
  'm4-weekly': ForecastFigures
  'm4-hourly': ForecastFigures
}

export type SeriesSet = keyof SeriesFigures

/** Folder of each set in the data folder. */
export const seriesSets: Readonly<Record<SeriesSet, string>> = {
  nab: 'anomaly/nab',
  wsd: 'anomaly/wsd',
  'm4-weekly': 'forecast/m4-weekly',
  'm4-hourly': 'forecast/m4-hourly',
}

const measure: { [Name in SeriesSet]: (root: string) => SeriesFigures[Name] } = {
  nab: measureAnomalies,
  wsd: measureMinutes,
  'm4-weekly': (root) => measureForecasts('m4-weekly', m4Weekly(root)),
  'm4-hourly': (root) => measureForecasts('m4-hourly', m4Hourly(root)),
}

if (!isMainThread) {
  const { name, root } = workerData as { name: SeriesSet; root: string }
  parentPort?.postMessage(measure[name](root))
}
