/** A sparkline: one line of text with the largest value per column. */
import { largest, smallest } from '../../analysis/extremes.ts'
import { joined, type Line, type Painted } from '../terminal/line.ts'

const BARS = '▁▂▃▄▅▆▇█'

/** Missing values are spaces. `marks`: columns to colour with `paint`. */
export function sparkline(
  values: ArrayLike<number>,
  width: number,
  marked: (index: number) => boolean = () => false,
  paint: (text: string) => Line = (text) => text,
): Painted {
  const columns = Math.max(1, Math.min(width, values.length))
  const cells = Array.from({ length: columns }, (_, column) => {
    const [from, to] = [
      Math.floor((column * values.length) / columns),
      Math.floor(((column + 1) * values.length) / columns),
    ]
    let [top, isMarked] = [NaN, false]
    for (let index = from; index < Math.max(to, from + 1); index += 1) {
      const value = values[index] ?? NaN
      if (!(value <= top) && Number.isFinite(value)) top = value
      isMarked ||= marked(index)
    }
    return { top, isMarked }
  })
  const known = cells.map(({ top }) => top).filter(Number.isFinite)
  const [low, high] = [smallest(known), largest(known)]
  return joined(
    cells.map(({ top, isMarked }) => {
      if (!Number.isFinite(top)) return ' '
      const level = high > low ? Math.round(((top - low) / (high - low)) * (BARS.length - 1)) : 3
      const bar = BARS[level] ?? ''
      return isMarked ? paint(bar) : bar
    }),
  )
}
