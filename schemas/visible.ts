/**
 * Text from outside as people may be shown it: on a terminal, on a page, in a list. What nobody sees but a screen obeys (escapes and
 * other controls, what turns the direction of writing, zero-width and tag characters, line separators, halves of surrogate pairs, marks
 * piled on marks) is written as JSON writes it: `\u001b`, `\n`, `\u202e`. A JSON text stays the same value. The rest is left as it is.
 */

/** How a letter is drawn, not what it says: seen after a pictograph and in a keycap, and hidden anywhere else. */
const UNSEEN =
  /(?![\uFE0E\uFE0F])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|(?<!\p{Extended_Pictographic})[\uFE0E\uFE0F](?!\u20E3)|(?<=\p{M}{4})\p{M}/gu

/** For a place of one line: line breaks and tabs are escaped too, so that no text can write a line of its own. */
export const visible = (text: string): string => text.replace(UNSEEN, escaped)

/** For a place of many lines, as the output of a program: line breaks and tabs stay. */
export const visibleLines = (text: string): string =>
  text.replaceAll('\r\n', '\n').replace(UNSEEN, (one) => (one === '\n' || one === '\t' ? one : escaped(one)))

/** Whether a name holds nothing that `visible` would write otherwise. */
export const isVisible = (text: string): boolean => text.search(UNSEEN) === -1

/**
 * A name that something will be done to: ASCII and the letters of Chinese, Japanese and Korean stay, and whatever could be taken for one
 * of them is escaped too, as a Cyrillic `а`. What is not plainly a name stands in quotes, as JSON has it, so that it ends where it ends.
 */
export function exactName(name: string): string {
  const shown = Array.from(JSON.stringify(name), unmistakable).join('')
  return /^"[\p{L}\p{N}._:/@+-]+"$/u.test(shown) ? shown.slice(1, -1) : shown
}

const DISTINCT =
  /^(?![\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff])[\x20-\x7e\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}]$/u

/** What can be written in two ways, as the radical ⼀ beside 一 and a Korean syllable in parts, is clear in the usual one alone. */
const unmistakable = (one: string): string =>
  DISTINCT.test(one) && one.normalize('NFKC') === one && isVisible(one) ? one : escaped(one)

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** One escape for each UTF-16 unit: what JSON knows. */
const escaped = (one: string): string =>
  SHORT[one] ??
  Array.from({ length: one.length }, (_, at) => `\\u${one.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')
