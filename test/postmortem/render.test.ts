/** A report as Markdown and HTML, in both languages: whatever other systems wrote stays text. */
import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { describe, expect, it } from 'vitest'
import { writeReport } from '../../agents/postmortem/write-report.ts'
import { publishedSchema, SCHEMA } from '../../postmortem/generate.ts'
import { LANGUAGES } from '../../postmortem/report.ts'
import { HTML_POLICY, renderHtml } from '../../postmortem/render/html.ts'
import { lineChart } from '../../postmortem/render/line-chart.ts'
import { escaped, renderMarkdown } from '../../postmortem/render/markdown.ts'
import { chartsOf } from '../../postmortem/render/svg.ts'
import { approved, BEGAN, diagnosed, evidence, facts, MINUTE, series, session } from './facts.ts'

const EVIL =
  '</td></svg><script>alert(1)</script> ![x](https://evil.example/a.png) [y](javascript:z) | `code` ```\n# Heading\n<img src=x onerror=alert(1)> www.evil.example "]; click n0 "https://evil.example"\u202e\u0000'
const [first] = diagnosed().root_causes

const hostile = writeReport(
  facts(
    {
      incidents: [{ id: EVIL, title: EVIL, service_name: EVIL, severity: EVIL, status: EVIL, started_at: BEGAN }],
      incidentIds: [EVIL],
      sessions: [
        session({
          result: diagnosed({
            summary: { en: EVIL, 'zh-TW': EVIL },
            root_causes: [
              { ...first!, service: EVIL, indicator: EVIL, change_id: EVIL, explanation: { en: EVIL, 'zh-TW': EVIL } },
            ],
            missing: [{ en: EVIL }],
            ruled_out: [{ change_id: EVIL, service: EVIL, reason: { en: EVIL } }],
          }),
          approvals: [
            { ...approved(), requested: { ...approved().requested, title: { en: EVIL }, approver_roles: [EVIL] } },
          ],
        }),
      ],
      changes: [
        {
          id: EVIL,
          timestamp: BEGAN - MINUTE,
          event_type: EVIL,
          author: EVIL,
          service_name: EVIL,
          summary: EVIL,
          changes: null,
        },
      ],
    },
    [
      evidence('golden-signals', {
        series: [series(EVIL, 'request_rate', EVIL, () => 3), series('frontend', 'error_ratio', 'ratio', () => 0.5)],
      }),
      evidence('alerts', [
        { id: EVIL, service_name: EVIL, name: EVIL, summary: EVIL, severity: EVIL, started_at: BEGAN },
      ]),
      evidence('logs', null, { status: 'failed', tool: EVIL, error: EVIL }),
    ],
  ),
)
const usual = writeReport(facts({}, [evidence('golden-signals', { series: [series('frontend', 'error_ratio', 'ratio', (time) => (time > BEGAN ? 0.5 : 0))] })])) // prettier-ignore

interface Node {
  type: string
  children?: Node[]
}
const nodesIn = (node: Node): Node[] => [node, ...(node.children ?? []).flatMap(nodesIn)]
const typesIn = (node: Node): string[] => nodesIn(node).map(({ type }) => type)

describe.each(LANGUAGES)('in %s', (language) => {
  it('Markdown has no link, image or HTML of others, and as many headings as its own', () => {
    const types = (report: typeof usual) => typesIn(fromMarkdown(renderMarkdown(report, { language })) as Node)
    const found = types(hostile)
    for (const type of ['html', 'link', 'image', 'inlineCode', 'linkReference', 'imageReference'])
      expect(found).not.toContain(type)
    const headings = (all: string[]) => all.filter((type) => type === 'heading').length
    // two more sections: contributing factors are left out if there are none
    expect(headings(found)).toBe(headings(types(usual)))
    expect(found.filter((type) => type === 'code')).toHaveLength(1)
    const diagram = /```mermaid\n([^]*?)\n```/.exec(renderMarkdown(hostile, { language }))?.[1] ?? ''
    for (const line of diagram.split('\n').slice(1)) expect(line).toMatch(/^ {2}n\d(\["[^"<>`\]]*"\]| --> n\d)$/)
  })

  it('Markdown links the files of its charts, and nothing else', () => {
    const tree = fromMarkdown(renderMarkdown(hostile, { language, charts: 'cart' })) as Node
    const images = nodesIn(tree).filter(({ type }) => type === 'image') as (Node & { url: string })[]
    expect(images.map(({ url }) => url)).toEqual(hostile.charts.map((_, place) => `cart-${place + 1}.svg`))
    expect(nodesIn(tree).map(({ type }) => type)).not.toContain('link')
  })

  it('a chart is a file of its own that a browser can show', () => {
    const charts = chartsOf(hostile, { language })
    expect(charts).toHaveLength(hostile.charts.length)
    for (const svg of charts) {
      expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" viewBox="0 0 [^>]*>\n<style>[^]*<\/svg>\n$/)
      for (const [tag] of svg.matchAll(/<[^>]*>/g))
        expect(tag.replace(/"[^"]*"/g, '')).not.toMatch(/^<(script|img|a|foreignObject)\b|\son\w+=|href=/)
    }
  })

  it('HTML has no element of others, runs nothing and loads nothing', () => {
    const html = renderHtml(hostile, { language })
    expect(html).toContain(`<html lang="${language}">`)
    expect(html).not.toMatch(/\u202e|\u0000/)
    for (const [tag] of html.matchAll(/<[^>]*>/g))
      expect(tag.replace(/"[^"]*"/g, '')).not.toMatch(/^<(script|img|a|iframe|link)\b|\son\w+=|href=|src=/)
    expect(HTML_POLICY).toContain("default-src 'none'")
    const open = [...html.matchAll(/<(\w+)[ >]/g)]
      .map(([, name]) => name)
      .filter((name) => !['meta', 'line'].includes(name!))
    const shut = [...html.matchAll(/<\/(\w+)>|<(polyline)[^>]*\/>/g)].map(([, name, own]) => name ?? own)
    expect(open.sort()).toEqual(shut.sort())
  })

  it('tells the same, in words of this language', () => {
    const [markdown, html] = [renderMarkdown(usual, { language }), renderHtml(usual, { language })]
    for (const text of [markdown, html]) {
      expect(text).toContain(usual.summary[1]!.text[language].slice(0, 12))
      expect(text).toContain({ en: 'Action items', 'zh-TW': '行動項目' }[language])
      expect(text).toContain({ en: 'to be named', 'zh-TW': '待指定' }[language])
    }
    expect(html).toMatch(/<polyline class="line" points="0,/)
    if (language === 'en') expect(markdown).not.toMatch(/\p{Script=Han}/u)
  })
})

it('draws no line where nothing was measured, and a lone sample as a dot', () => {
  const points = [0, 1, 2, 60, 61, 62, 120].map((second): [number, number] => [second * 1000, 1])
  const chart = lineChart({ service: 'cart', indicator: 'error_ratio', unit: 'ratio', points, sources: [] }, [])
  const lines = [...chart.matchAll(/<polyline class="line" points="([^"]*)"/g)].map(([, drawn = '']) =>
    drawn.split(' '),
  )
  expect(lines.map((line) => line.length)).toEqual([3, 3, 2])
  expect(new Set(lines[2])).toHaveLength(1)
})

it('leaves numbers readable, and starts no list with them', () => {
  expect(escaped('24.6 %')).toBe('24.6 %')
  expect(escaped('1. first')).toBe('1&#46; first')
  expect(escaped('1.')).toBe('1&#46;')
})

it('escapes each character once', () => {
  expect(escaped('GET <*> &#35; #1')).toBe('GET &#60;&#42;&#62; &#38;&#35;35; &#35;1')
})

it("shows the reader's zone beside UTC", () => {
  const markdown = renderMarkdown(usual, { language: 'en', zone: 'Asia/Taipei' })
  expect(markdown).toContain('2026-11-23 15:00:00 UTC · 2026-11-23 23:00:00 (Asia/Taipei)')
  expect(renderMarkdown(usual, { language: 'en', zone: 'UTC' })).toBe(renderMarkdown(usual, { language: 'en' }))
})

it('follows the published JSON Schema, which is up to date', async () => {
  expect(readFileSync(SCHEMA, 'utf8'), 'run npm run postmortem:generate').toBe(await publishedSchema())
  const validate = new Ajv2020({ strict: false }).compile(JSON.parse(readFileSync(SCHEMA, 'utf8')))
  for (const report of [usual, hostile])
    expect(validate(JSON.parse(JSON.stringify(report))), JSON.stringify(validate.errors)).toBe(true)
})
