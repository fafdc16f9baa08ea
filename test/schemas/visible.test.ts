import fc from '../properties/seeded.ts'
import { describe, expect, it } from 'vitest'
import { exactName, isVisible, visible, visibleLines } from '../../schemas/visible.ts'

const from = (first: number, last: number): number[] => Array.from({ length: last - first + 1 }, (_, at) => first + at)

/** Written out, independent of the classes that the product defines. */
const DANGEROUS: readonly number[] = [
  ...[...from(0, 0x1f), ...from(0x7f, 0x9f)], // C0, DEL, C1
  ...[0x061c, 0x200e, 0x200f, ...from(0x202a, 0x202e), ...from(0x2066, 0x206f)], // the direction of writing
  ...[0x00ad, 0x034f, 0x115f, 0x1160, 0x180e, ...from(0x200b, 0x200d), ...from(0x2060, 0x2064), 0x3164, 0xfeff, 0xffa0], // no width
  ...[0x2800, 0x1d159, 0x16fe4, 0x13441, 0x13442], // a blank without being a space
  ...[0x2028, 0x2029, ...from(0xfff9, 0xfffb), ...from(0xfe00, 0xfe0f), ...from(0xe0100, 0xe01ef)],
  ...[...from(0xd800, 0xdfff), ...from(0xe0000, 0xe007f)], // halves of pairs, tags
]

describe('visible text', () => {
  it.each([
    ['\x1b[2J\x1b[HAll systems normal', '\\u001b[2J\\u001b[HAll systems normal'],
    ['\x9b2J', '\\u009b2J'],
    ['cart\u202etrac', 'cart\\u202etrac'],
    ['one\r\ntwo\tthree', 'one\\r\\ntwo\\tthree'],
    ['\ud83dhalf', '\\ud83dhalf'],
    ['tag \u{e0041}', 'tag \\udb40\\udc41'],
    ['Z\u0301\u0302\u0303\u0304\u0305', 'Z\u0301\u0302\u0303\u0304\\u0305'],
  ])('writes %j as %j', (given, shown) => {
    expect(visible(given)).toBe(shown)
  })

  it('escapes every character that controls a terminal or is invisible', () => {
    const left = DANGEROUS.filter((code) => isVisible(`a${String.fromCodePoint(code)}b`))
    expect(left.map((code) => code.toString(16))).toEqual([])
  })

  it.each(['payment-gateway v1.4.2', '結帳服務：逾時 3 秒（重試）', 'Übergröße naïve café', '⚠️ failed 1️⃣ 👍🏽', 'ภาษาไทย עברית', '{"a":"\\n"}'])(
    'leaves %s as it is',
    (text) => expect(visible(text)).toBe(text),
  ) // prettier-ignore

  it('keeps line breaks and tabs where several lines are allowed', () => {
    expect(visibleLines('one\r\ntwo\tthree\rfour\x1b[K\u2028')).toBe('one\ntwo\tthree\\rfour\\u001b[K\\u2028')
  })

  it('changes no value of a JSON text, and nothing more when applied twice', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const shown = visible(JSON.stringify({ [text]: text }))
        expect(JSON.parse(shown)).toEqual({ [text]: text })
        expect(isVisible(shown)).toBe(true)
        expect(visible(visible(text))).toBe(visible(text))
      }),
    )
  })
})

describe('the name of a target', () => {
  it.each([
    ['payment-gateway', 'payment-gateway'],
    ['registry.local:5000/cart:1.4.2', 'registry.local:5000/cart:1.4.2'],
    ['結帳服務', '結帳服務'],
    ['c\u0430rt', '"c\\u0430rt"'], // Cyrillic
    ['\uff43art', '"\\uff43art"'], // full width
    ['cart\u2010v2', '"cart\\u2010v2"'], // a hyphen that is not one
    ['\u2f00', '"\\u2f00"'], // a radical that looks like 一
    ['\u3164', '"\\u3164"'], // an invisible Korean letter
    ['\u1100\u1161', '"\\u1100\\u1161"'], // a Korean syllable in parts
    ['가', '가'],
    ['cart\u202e2.1', '"cart\\u202e2.1"'],
    ['cart from 1.5.0 to 1.4.2', '"cart from 1.5.0 to 1.4.2"'],
    ['', '""'],
    ['a"b', '"a\\"b"'],
    ['c\\u0430rt', '"c\\\\u0430rt"'], // six letters of ASCII, not an escape
  ])('%j is shown as %s', (name, shown) => expect(exactName(name)).toBe(shown))

  it('never looks like another name', () => {
    const shownAs = new Map<string, string>()
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 3 }), (name) => {
        const shown = exactName(name)
        expect(isVisible(shown)).toBe(true)
        expect(shownAs.get(shown) ?? name).toBe(name)
        shownAs.set(shown, name)
      }),
      { numRuns: 2_000 },
    )
  })
})
