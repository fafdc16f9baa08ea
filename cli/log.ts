/** The log of a component: one line of JSON per message, with control characters escaped. */
import pino, { type DestinationStream, type Logger, type LoggerOptions } from 'pino'
import { visibleLines } from '../schemas/visible.ts'

export const createLog = (options: LoggerOptions, destination: DestinationStream = pino.destination(1)): Logger =>
  pino(
    {
      ...options,
      // levels as words and times as RFC 3339, which log stores parse without configuration
      formatters: { level: (label) => ({ level: label }) },
      timestamp: pino.stdTimeFunctions.isoTime,
      hooks: { streamWrite: visibleLines },
    },
    destination,
  )
