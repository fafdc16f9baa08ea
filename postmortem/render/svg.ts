/** The charts of a report as SVG files, for Markdown that links them. */
import type { Report } from '../report.ts'
import { documentOf, type RenderOptions } from './document.ts'
import { lineChart } from './line-chart.ts'

/** As on the page, in colours that can be read on light and dark. */
const STYLE = `
svg { color-scheme: light dark }
text { fill: #768390; font: 12px system-ui, sans-serif }
.line { fill: none; stroke: #2188a8; stroke-width: 2; stroke-linecap: round } .edge { stroke: #768390 } .mark { stroke: #d1453b; stroke-dasharray: 4 3 }
`

/** Name of the chart at this place, counted from 1, of a Markdown document. */
export const chartFile = (name: string, place: number): string => `${name}-${place}.svg`

/** In the order of the links in the Markdown. */
export const chartsOf = (report: Report, options: RenderOptions): string[] =>
  documentOf(report, options)
    .sections.flatMap(({ blocks }) => blocks)
    .flatMap((block) => (block.kind === 'chart' ? [standalone(lineChart(block.chart, block.marks))] : []))

const standalone = (chart: string): string =>
  `${chart.replace('<svg ', '<svg xmlns="http://www.w3.org/2000/svg" ').replace('>', `>\n<style>${STYLE}</style>`)}\n`
