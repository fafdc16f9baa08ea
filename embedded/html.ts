/** Text on a page of ours. What is invisible, or would steer how the rest is shown, stands there as an escape. */
import { visible, visibleLines } from '../schemas/visible.ts'

/** Of an attribute whose value must come back as it is, as a hidden field's. */
export const attribute = (value: string): string =>
  value.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

/** In a place of one line. */
export const line = (text: string): string => attribute(visible(text))

/** In a block that keeps line breaks. */
export const lines = (text: string): string => attribute(visibleLines(text))
