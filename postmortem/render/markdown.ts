/** A report as Markdown (GFM), with a Mermaid diagram. Text of other systems cannot become markup. */
import { visible } from '../../schemas/visible.ts'
import type { Report } from '../report.ts'
import { type Block, documentOf, type RenderOptions } from './document.ts'
import { chartFile } from './svg.ts'

/** `charts`: base name of the charts' files, which are linked; absent: there are none. */
export function renderMarkdown(report: Report, { charts, ...options }: RenderOptions & { charts?: string }): string {
  const { title, sections } = documentOf(report, options)
  const parts = sections.flatMap(({ heading, blocks }) => [
    `## ${escaped(heading)}`,
    ...blocks.flatMap((block) => blockText(block, charts)),
  ])
  return `${[`# ${escaped(title)}`, ...parts].join('\n\n')}\n`
}

function blockText(block: Block, charts: string | undefined): string[] {
  switch (block.kind) {
    case 'paragraph':
      return [escaped(block.text)]
    case 'list':
      return [block.items.map((item) => `- ${escaped(item)}`).join('\n')]
    case 'table':
      return [[block.head, block.head.map(() => '---'), ...block.rows].map(rowText).join('\n')]
    case 'chain':
      return [diagram(block.nodes)]
    case 'chart':
      return charts === undefined
        ? []
        : [
            `![${escaped(block.title).replace(/[[\]]/g, entity)}](${encodeURIComponent(chartFile(charts, block.place))})`,
          ]
  }
}

const rowText = (cells: readonly string[], place: number): string =>
  `| ${cells.map((cell) => (place === 1 ? cell : escaped(cell))).join(' | ')} |`

function diagram(nodes: readonly string[]): string {
  const boxes = nodes.map((text, place) => `  n${place}["${label(text)}"]`)
  const arrows = nodes.slice(1).map((_, place) => `  n${place} --> n${place + 1}`)
  return ['```mermaid', 'flowchart TD', ...boxes, ...arrows, '```'].join('\n')
}

/** Entity codes for everything that could end the label or become markup. */
const label = (text: string): string =>
  Array.from(visible(text), (one) =>
    /[\p{L}\p{N} .,:，。：、（）]/u.test(one) ? one : `#${one.codePointAt(0)};`,
  ).join('')

const entity = (one: string): string => `&#${one.charCodeAt(0)};`

/**
 * No text becomes markup, link, image or mention. Characters that always have a meaning become entities; others do so only where they have one.
 * Brackets alone are harmless: a link needs what follows them.
 */
export const escaped = (text: string): string =>
  visible(text)
    .replace(/[&<>\\`*{}|~@]|#(?=\d)/g, entity)
    .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, entity)
    .replace(/\](?=[([:])/g, entity)
    .replace(/:\/\//g, '&#58;//')
    .replace(/\bwww\./gi, 'www&#46;')
    .replace(/^(?:[-+=#]|\d{1,9}[.)](?=\s|$))/, (one) => one.slice(0, -1) + entity(one.slice(-1)))
