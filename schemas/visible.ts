/**
 * Makes text from outside safe to display. Characters that are invisible or control the display (escape sequences and other controls,
 * bidirectional controls, zero-width and tag characters, line separators, lone surrogates, stacked combining marks) are escaped as in JSON:
 * `\u001b`, `\n`, `\u202e`; so are symbols and letters that look like a blank without being a space, such as the braille cell without dots.
 * JSON text keeps its value. Other characters, spaces among them, are unchanged.
 */

/** Variation selectors are visible after a pictograph and in a keycap, and invisible elsewhere. Blank: braille, music, Khitan, Egyptian. */
const UNSEEN =
  /(?![\uFE0E\uFE0F])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800\u{1D159}\u{16FE4}\u{13441}\u{13442}]|(?<!\p{Extended_Pictographic})[\uFE0E\uFE0F](?!\u20E3)|(?<=\p{M}{4})\p{M}/gu

/** For a single line: escapes line breaks and tabs too, so that text cannot forge further lines. */
export const visible = (text: string): string => text.replace(UNSEEN, escaped)

/** For multi-line text such as program output: keeps line breaks and tabs. */
export const visibleLines = (text: string): string =>
  text.replaceAll('\r\n', '\n').replace(UNSEEN, (one) => (one === '\n' || one === '\t' ? one : escaped(one)))

/** Whether `visible` would leave the name unchanged. */
export const isVisible = (text: string): boolean => text.search(UNSEEN) === -1

/**
 * For the name of an action's target: keeps ASCII and Chinese, Japanese and Korean letters, and escapes lookalikes such as a Cyrillic `а`.
 * Anything that is not plainly a name is quoted as in JSON, so that its end is clear.
 */
export function exactName(name: string): string {
  const shown = Array.from(JSON.stringify(name), unmistakable).join('')
  return /^"[\p{L}\p{N}._:/@+-]+"$/u.test(shown) ? shown.slice(1, -1) : shown
}

const DISTINCT =
  /^(?![\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff])[\x20-\x7e\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}]$/u

/** Of characters with two encodings, such as the radical ⼀ and 一 or a decomposed Korean syllable, only the usual one is kept. */
const unmistakable = (one: string): string =>
  DISTINCT.test(one) && one.normalize('NFKC') === one && isVisible(one) ? one : escaped(one)

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** One escape per UTF-16 unit, as in JSON. */
const escaped = (one: string): string =>
  SHORT[one] ??
  Array.from({ length: one.length }, (_, at) => `\\u${one.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')
