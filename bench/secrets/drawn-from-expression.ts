/** Generates ASCII texts that match a Go regular expression; word boundaries are ignored. */

type Draw = (random: () => number) => string

const PRINTABLE = Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at)).join('')
const DIGITS = '0123456789'
const WORD = `ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz${DIGITS}_`
const SHORTHANDS: Readonly<Record<string, string>> = { d: DIGITS, w: WORD, s: ' \t', S: PRINTABLE.slice(1), n: '\n', r: '\r', t: '\t' } // prettier-ignore
/** Repetitions beyond the minimum if there is no upper limit. */
const MORE = 20

export const drawnFrom = (regex: string, random: () => number): string => new Reader(regex).all()(random)

class Reader {
  #at = 0
  readonly #regex: string

  constructor(regex: string) {
    this.#regex = regex
  }

  all(): Draw {
    const draw = this.#choice(false)
    if (this.#at < this.#regex.length) throw new Error(`unsupported from position ${this.#at}: ${this.#regex}`)
    return draw
  }

  #next(): string {
    return this.#regex.charAt(this.#at++)
  }

  #takes(text: string): boolean {
    if (!this.#regex.startsWith(text, this.#at)) return false
    this.#at += text.length
    return true
  }

  /** A change of flags applies to the end of its group. */
  #choice(anyCase: boolean): Draw {
    const branches: Draw[][] = [[]]
    while (this.#at < this.#regex.length && this.#regex[this.#at] !== ')') {
      if (this.#takes('|')) branches.push([])
      else if (this.#takes('(?i)')) anyCase = true
      else branches.at(-1)?.push(this.#repeated(this.#one(anyCase)))
    }
    return (random) => {
      const branch = branches[Math.floor(random() * branches.length)] ?? []
      return branch.map((draw) => draw(random)).join('')
    }
  }

  #one(anyCase: boolean): Draw {
    const char = this.#next()
    if (char === '(') return this.#grouped(anyCase)
    if (char === '[') return oneOf(this.#class(), anyCase)
    if (char === '.') return oneOf(PRINTABLE, false)
    if (char === '^' || char === '$') return () => ''
    if (char !== '\\') return oneOf(char, anyCase)
    return /[bBz]/.test(this.#regex.charAt(this.#at)) ? (this.#at++, () => '') : oneOf(this.#escaped(), anyCase)
  }

  #grouped(anyCase: boolean): Draw {
    const flags = /^\?(?<flags>-?[is]*):|^\?P<\w+>/.exec(this.#regex.slice(this.#at))
    if (flags !== null) this.#at += flags[0].length
    const switched = flags?.groups?.['flags'] ?? ''
    const inner = this.#choice(switched === '-i' ? false : switched.includes('i') || anyCase)
    this.#at++
    return inner
  }

  #escaped(): string {
    const char = this.#next()
    if (char !== 'x') return SHORTHANDS[char] ?? char
    this.#at += 2
    return String.fromCharCode(Number.parseInt(this.#regex.slice(this.#at - 2, this.#at), 16))
  }

  #class(): string {
    const not = this.#takes('^')
    let all = ''
    for (let first = true; first || this.#regex[this.#at] !== ']'; first = false) {
      if (this.#takes('[:alnum:]')) all += WORD.slice(0, -1)
      else {
        const char = this.#next()
        const from = char === '\\' ? this.#escaped() : char
        const isRange = from.length === 1 && /^-[^\]]/.test(this.#regex.slice(this.#at))
        if (!isRange) all += from
        else for (let code = from.charCodeAt(0), to = this.#regex.charCodeAt((this.#at += 2) - 1); code <= to; code++) all += String.fromCharCode(code) // prettier-ignore
      }
    }
    this.#at++
    return not ? [...PRINTABLE].filter((one) => !all.includes(one)).join('') : all
  }

  #repeated(draw: Draw): Draw {
    const match = /^(?:\{(?<least>\d+)(?<open>,)?(?<most>\d*)\}|(?<sign>[*+?]))\??/.exec(this.#regex.slice(this.#at))
    if (match === null) return draw
    this.#at += match[0].length
    const { least: written, open, most: limit, sign } = match.groups ?? {}
    const least = written === undefined ? (sign === '+' ? 1 : 0) : Number(written)
    const most = sign === '?' ? 1 : limit ? Number(limit) : sign === undefined && open === undefined ? least : least + MORE // prettier-ignore
    return (random) =>
      Array.from({ length: least + Math.floor(random() * (most - least + 1)) }, () => draw(random)).join('')
  }
}

const oneOf =
  (all: string, anyCase: boolean): Draw =>
  (random) => {
    const one = all.charAt(Math.floor(random() * all.length))
    return anyCase ? (random() < 0.5 ? one.toLowerCase() : one.toUpperCase()) : one
  }
