/** A column of values, converted to the unit of the first one. */
import { cellOf, type DecimalMark } from './cells.ts'
import { type Unit, unitOf } from './units.ts'

export interface ColumnValue {
  /** NaN: no value */
  value: number
  /** warnings about conversions; must not contain details of a row */
  said: string[]
}

/** Squares of differences, and sums of them, must be numbers too. */
const LARGEST = 1e140

export class ValueColumn {
  readonly #mark: DecimalMark
  #unit: Unit | null = null

  constructor(mark: DecimalMark) {
    this.#mark = mark
  }

  /** '' if no cell had a unit so far */
  get unit(): string {
    return this.#unit?.name ?? ''
  }

  /** A string: why the cell is invalid. */
  read(text: string): ColumnValue | string {
    const cell = cellOf(text, this.#mark)
    if (cell === null) return 'is not a number'
    const { number, unit } = cell
    if (!Number.isFinite(number)) return { value: NaN, said: [] }
    if (Math.abs(number) > LARGEST) return 'is too large'
    if (unit === '') return { value: number, said: this.unit === '' || number === 0 ? [] : [`no unit although other cells have one: read as ${this.unit}`] } // prettier-ignore
    const own = unitOf(unit)
    this.#unit ??= own.name === '' ? null : unitOf(own.name)
    const { dimension, factor } = this.#unit ?? unitOf('')
    if (own.dimension !== dimension) return `is not in ${this.unit === '' ? 'a number' : this.unit}, as the others are`
    return { value: number * (own.factor / factor), said: [saidOf(unit, own, this.unit)] }
  }
}

function saidOf(written: string, own: Unit, told: string): string {
  if (written !== own.name)
    return `${JSON.stringify(written)} in cells: read as ${own.factor} times ${own.name === '' ? 'the number' : own.name}`
  return own.name === told ? `units in cells: values are in ${told}` : `${own.name} in cells: converted to ${told}`
}
