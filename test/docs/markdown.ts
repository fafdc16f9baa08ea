/** What the tests ask of a Markdown file: its links, headings and blocks of code. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import Slugger from 'github-slugger'
import { fromMarkdown } from 'mdast-util-from-markdown'

export const root = join(import.meta.dirname, '../..')

interface Node {
  type: string
  children?: Node[]
  value?: string
  url?: string
  depth?: number
  lang?: string | null
  position?: { start: { line: number } }
}

export interface Block {
  file: string
  line: number
  language: string
  text: string
}

export interface Page {
  file: string
  /** targets as written */
  links: { url: string; line: number }[]
  /** as GitHub makes them */
  anchors: ReadonlySet<string>
  /** depth and text */
  headings: { depth: number; text: string }[]
  blocks: Block[]
  /** code within a line */
  codes: { text: string; line: number }[]
}

/** All Markdown files of the project, without those quoted from elsewhere. */
export const markdownFiles = (): string[] =>
  execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
    cwd: root,
    encoding: 'utf8',
  })
    .split('\n')
    .filter((file) => file !== '')

export function readPage(file: string): Page {
  const slugger = new Slugger()
  const page = { file, links: [], headings: [], blocks: [], codes: [] } as Omit<Page, 'anchors'>
  const anchors = new Set<string>()
  const visit = (node: Node): void => {
    const line = node.position?.start.line ?? 0
    if (node.url !== undefined) page.links.push({ url: node.url, line })
    if (node.type === 'code') page.blocks.push({ file, line, language: node.lang ?? '', text: node.value ?? '' })
    if (node.type === 'inlineCode') page.codes.push({ text: node.value ?? '', line })
    if (node.type === 'heading') {
      page.headings.push({ depth: node.depth ?? 0, text: textOf(node) })
      anchors.add(slugger.slug(textOf(node)))
    }
    node.children?.forEach(visit)
  }
  visit(fromMarkdown(readFileSync(join(root, file), 'utf8')) as Node)
  return { ...page, anchors }
}

const textOf = (node: Node): string => node.value ?? node.children?.map(textOf).join('') ?? ''
