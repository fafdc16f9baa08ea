/** A report as one HTML file that loads nothing: charts are inline SVG, and there are no scripts. */
import { createHash } from 'node:crypto'
import { line as text } from '../../schemas/html.ts'
import type { Report } from '../report.ts'
import { type Block, documentOf, type RenderOptions } from './document.ts'
import { lineChart } from './line-chart.ts'

const STYLE = `
:root { color-scheme: light dark; --text: #1f2328; --dim: #59636e; --edge: #d1d9e0; --line: #0b6a86; --mark: #b42318 }
@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --dim: #9198a1; --edge: #3d444d; --line: #76d9e6; --mark: #ff7b72 } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--text); max-width: 72rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: break-word }
h1 { font-size: 1.6rem }
table { border-collapse: collapse; margin: 1rem 0; display: block; overflow-x: auto }
th, td { border: 1px solid var(--edge); padding: .3rem .6rem; text-align: start; vertical-align: top; min-width: 4rem; max-width: 40rem }
figure { margin: 1rem 0 } figcaption { color: var(--dim) }
svg { width: 100%; height: auto } svg text { fill: var(--dim); font: 12px system-ui, sans-serif }
svg .line { fill: none; stroke: var(--line); stroke-width: 2; stroke-linecap: round } svg .edge { stroke: var(--edge) } svg .mark { stroke: var(--mark); stroke-dasharray: 4 3 }
ol.chain { list-style: none; padding: 0 } ol.chain li { border: 1px solid var(--edge); padding: .3rem .6rem; margin: 0 0 1.6rem; position: relative }
ol.chain li + li::before { content: '↓'; position: absolute; top: -1.6rem; left: 1rem }
@media print { body { max-width: none } }
`

/** Content-Security-Policy of the page: nothing is loaded, and only its own style applies. */
export const HTML_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

export function renderHtml(report: Report, options: RenderOptions): string {
  const { title, sections } = documentOf(report, options)
  const body = sections.map(
    ({ heading, blocks }) => `<section>\n<h2>${text(heading)}</h2>\n${blocks.map(blockHtml).join('\n')}\n</section>`,
  )
  return `<!doctype html>
<html lang="${options.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${text(title)}</h1>
${body.join('\n')}
</body>
</html>
`
}

function blockHtml(block: Block): string {
  switch (block.kind) {
    case 'paragraph':
      return `<p>${text(block.text)}</p>`
    case 'list':
      return `<ul>\n${block.items.map((item) => `<li>${text(item)}</li>`).join('\n')}\n</ul>`
    case 'table':
      return `<table>\n${headOf(block.head)}<tbody>\n${block.rows.map((row) => `<tr>${row.map((cell) => `<td>${text(cell)}</td>`).join('')}</tr>`).join('\n')}\n</tbody>\n</table>`
    case 'chain':
      return `<ol class="chain">\n${block.nodes.map((node) => `<li>${text(node)}</li>`).join('\n')}\n</ol>`
    case 'chart':
      return `<figure>\n<figcaption>${text(block.title)}</figcaption>\n${lineChart(block.chart, block.marks)}\n</figure>`
  }
}

const headOf = (head: readonly string[]): string =>
  head.every((cell) => cell === '')
    ? ''
    : `<thead><tr>${head.map((cell) => `<th>${text(cell)}</th>`).join('')}</tr></thead>\n`
