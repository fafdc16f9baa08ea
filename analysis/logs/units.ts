/** Units that belong to the number before them: `1.16 KB`, `<1 sec`, `1190 bytes (1.16 KB)`. */
const UNITS = [
  ...['B', 'byte', 'bytes', 'Bytes', 'bits', 'KB', 'kB', 'MB', 'GB', 'TB', 'KiB', 'MiB', 'GiB', 'TiB'],
  ...['ns', 'us', 'µs', 'ms', 'msec', 'msecs', 'milliseconds', 'sec', 'secs', 'second', 'seconds'],
  ...['min', 'mins', 'minute', 'minutes', 'hour', 'hours', 'day', 'days'],
]
const AFTER = ['', ',', ';', '.', ')', '),', ').', ']', '],']

export const UNIT = new RegExp(`^(?:${UNITS.join('|')})$`)

/** The units as words of a message, with the punctuation that may follow. */
export const unitWords: readonly string[] = UNITS.flatMap((unit) => AFTER.map((after) => `${unit}${after}`))
