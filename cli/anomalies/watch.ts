/** `sre anomalies watch`: watches files as fast as they are read. */
import { replay, stepOf } from '../../analysis/watch/replay.ts'
import { Watcher } from '../../analysis/watch/watcher.ts'
import { eachInput, type InputOptions, tellWarnings, warningsOf } from '../analyze/inputs.ts'
import { show, type Surface, write } from '../analyze/surface.ts'
import { measuredIn } from './measured.ts'
import { announcement, documentOf } from './render.ts'
import { watching as texts } from './texts.ts'

export interface WatchOptions extends InputOptions {
  json?: boolean
  /** s */
  step?: number
}

/** Each input is watched by itself. Resolves to the exit code: 0, or 1 if an input was invalid; what was announced does not change it. */
export const watchFiles = (files: readonly string[], options: WatchOptions, surface: Surface): Promise<number> =>
  eachInput(files, options, surface, async (file, warnings) => {
    const { series, calls, ...read } = await measuredIn(file, warnings, options)
    tellWarnings(read.warnings, surface)
    const stepMs = options.step === undefined ? stepOf(series) : options.step * 1_000
    const watcher = new Watcher({ stepMs, latenessMs: 0 })
    watcher.connect(calls)
    let opened = 0
    for (const anomaly of replay(series, watcher, stepMs)) {
      if (anomaly.phase === 'opened') opened += 1
      if (options.json) await write(surface, `${JSON.stringify(documentOf(anomaly))}\n`)
      else await show(surface, announcement(documentOf(anomaly), surface.language))
    }
    const { services, series: watched } = watcher.size
    const { judged, beyond } = watcher.counts()
    const seen = { file, services, series: watched, values: judged, step_s: stepMs / 1_000, anomalies: opened, open: watcher.open().length } // prettier-ignore
    if (options.json)
      return write(surface, `${JSON.stringify({ ...seen, series_left_out: beyond, warnings: warningsOf([...read.warnings, ...warnings.list()]) })}\n`) // prettier-ignore
    await show(surface, [texts.seen(seen)[surface.language]])
  })
