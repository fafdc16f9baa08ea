/** `sre analyze anomalies` and `forecast` on mutated series in every dialect they read. */
import { analyzing, bytesOf, type Input, single } from '../analyze.ts'
import type { Target } from '../runner.ts'
import { seriesText } from '../series.ts'

export const open = (): Promise<Target<Input>> =>
  analyzing((chance) =>
    single(chance.one(0.8) ? 'anomalies' : 'forecast', bytesOf('one.csv', seriesText(chance), chance)),
  )
