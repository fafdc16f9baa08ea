/** Text on our pages. Invisible characters, and those that change how the rest is shown, appear as escapes. */
import { visible, visibleLines } from './visible.ts'

/** For an attribute whose value must come back unchanged, such as a hidden field's. */
export const attribute = (value: string): string =>
  value.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

/** For single-line text. */
export const line = (text: string): string => attribute(visible(text))

/** For a block that keeps line breaks. */
export const lines = (text: string): string => attribute(visibleLines(text))
