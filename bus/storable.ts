/** The text with what no database keeps replaced by U+FFFD: NUL, and halves of surrogate pairs. */
export const storable = (text: string): string => text.toWellFormed().replaceAll('\0', '\uFFFD')
