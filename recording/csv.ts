/**
 * Splits one CSV row (RFC 4180). In a recording a row never spans lines, so that a reader of a growing file can use every complete line.
 * `mark`: the separator. Returns null if a quote is not closed.
 */
export function splitRow(line: string, mark = ','): string[] | null {
  if (!line.includes('"')) return line.split(mark)
  const cells: string[] = []
  let at = 0
  while (at <= line.length) {
    if (line[at] !== '"') {
      const end = line.indexOf(mark, at)
      cells.push(line.slice(at, end === -1 ? line.length : end))
      at = end === -1 ? line.length + 1 : end + 1
      continue
    }
    const close = closingQuote(line, at + 1)
    if (close === -1 || (close + 1 < line.length && line[close + 1] !== mark)) return null
    cells.push(line.slice(at + 1, close).replaceAll('""', '"'))
    at = close + 2
  }
  return cells
}

function closingQuote(line: string, from: number): number {
  let at = line.indexOf('"', from)
  while (at !== -1 && line[at + 1] === '"') at = line.indexOf('"', at + 2)
  return at
}

/** Why a row does not have as many cells as the header, and the column; null: it has. One extra empty cell is ignored. */
export function misfit(
  line: string,
  cells: readonly string[],
  width: number,
  mark = ',',
): { column: number; reason: string } | null {
  if (cells.length === width || (cells.length === width + 1 && cells[width] === '')) return null
  if (cells.length < width)
    return { column: line.length + 1, reason: `the row ends after ${cells.length} cells, the header has ${width}` }
  return { column: columnOf(line, width, mark), reason: `the row has ${cells.length} cells, the header ${width}` }
}

/** Quotes a cell if necessary. Line breaks become spaces, so that a row is one line. */
export function cell(text: string): string {
  const single = text.replace(/[\r\n]+/g, ' ')
  return /[",]/.test(single) ? `"${single.replaceAll('"', '""')}"` : single
}

/** Column (from 1) at which the cell with this index begins, in a row that `splitRow` accepts. */
export function columnOf(line: string, index: number, mark = ','): number {
  let at = 0
  for (let before = 0; before < index; before += 1)
    at = line.indexOf(mark, line[at] === '"' ? closingQuote(line, at + 1) : at) + 1
  return at + 1
}
