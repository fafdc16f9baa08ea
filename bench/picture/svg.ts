/** Draws terminal lines as SVG: selectable text, in light or dark colours as the viewer prefers. */
import wrapAnsi from 'wrap-ansi'

const COLUMNS = 104
const [CHARACTER, LINE, MARGIN] = [7.25, 17, 18]

/** CSS class by SGR code; any other code resets. */
const CLASSES: Readonly<Record<string, string>> = {
  '1': 'bold',
  '2': 'dim',
  '31': 'red',
  '32': 'green',
  '33': 'yellow',
  '36': 'cyan',
}

const STYLE = `
text { fill: #1f2328; white-space: pre }
rect { fill: #f6f8fa; stroke: #d1d9e0 }
.bold { font-weight: 600 } .dim { fill: #59636e } .red { fill: #b42318 } .green { fill: #1a7f37 } .yellow { fill: #8a5a00 } .cyan { fill: #0b6a86 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } rect { fill: #0d1117; stroke: #3d444d }
  .dim { fill: #9198a1 } .red { fill: #ff7b72 } .green { fill: #7ee787 } .yellow { fill: #e3b341 } .cyan { fill: #76d9e6 }
}`

/** `lines` with their ANSI colours. */
export function picture(lines: readonly string[]): string {
  const rows = lines.flatMap(wrapped)
  const [width, height] = [Math.ceil(COLUMNS * CHARACTER + 2 * MARGIN), rows.length * LINE + 2 * MARGIN]
  const texts = rows.map((row, at) => `<text x="${MARGIN}" y="${MARGIN + 12 + at * LINE}" xml:space="preserve">${spans(row)}</text>`) // prettier-ignore
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="12">`,
    `<style>${STYLE}</style>`,
    `<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>`,
    ...texts,
    '</svg>\n',
  ].join('\n')
}

/** Wraps a line that is too wide; continuation lines are indented. */
function wrapped(line: string): string[] {
  const [first = '', ...rest] = wrapAnsi(line, COLUMNS, { trim: false }).split('\n')
  const left = rest.join('').replace(/^ +/, '')
  if (left === '') return [first]
  return [first, ...wrapAnsi(left, COLUMNS - INDENT.length, { trim: false }).split('\n').map((row) => INDENT + row)] // prettier-ignore
}

const INDENT = '       '

function spans(row: string): string {
  const open = new Set<string>()
  // eslint-disable-next-line no-control-regex
  return row.split(/(\x1b\[[\d;]*m)/).map((part) => {
    // eslint-disable-next-line no-control-regex
    const code = /^\x1b\[([\d;]*)m$/.exec(part)?.[1]
    if (code !== undefined) {
      const named = CLASSES[code]
      if (named === undefined) open.clear()
      else open.add(named)
      return ''
    }
    if (part === '') return ''
    return open.size === 0 ? escaped(part) : `<tspan class="${[...open].join(' ')}">${escaped(part)}</tspan>`
  }).join('') // prettier-ignore
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
