/** The log of a part: a line of JSON for each message, without anything a screen that shows it would obey. */
import pino, { type DestinationStream, type Logger, type LoggerOptions } from 'pino'
import { visibleLines } from '../schemas/visible.ts'

export const createLog = (options: LoggerOptions, destination: DestinationStream = pino.destination(1)): Logger =>
  pino(
    {
      ...options,
      // levels as words, times as RFC 3339: what a log store reads without being told
      formatters: { level: (label) => ({ level: label }) },
      timestamp: pino.stdTimeFunctions.isoTime,
      hooks: { streamWrite: visibleLines },
    },
    destination,
  )
