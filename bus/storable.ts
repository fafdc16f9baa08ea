/** The text with what no database keeps replaced by U+FFFD: NUL, and halves of surrogate pairs. Nearly every text has neither. */
export const storable = (text: string): string =>
  text.isWellFormed() && !text.includes('\0') ? text : text.toWellFormed().replaceAll('\0', '\uFFFD')
