/** Cuts a Markdown runbook into sections by heading. Pure. */
import { createHash } from 'node:crypto'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { parse } from 'yaml'
import { z } from 'zod'
import type { Entry } from './entry.ts'

/** Characters of one entry: about what an embedding model reads. Longer sections are cut between paragraphs. */
const MOST_CHARACTERS = 2000

const head = z.object({ services: z.array(z.string().min(1)).optional() })

export class RunbookError extends Error {
  override readonly name = 'RunbookError'
}

/**
 * `source` is its path. YAML front matter may name `services`, a list. Throws a `RunbookError` that says what is wrong with the front matter.
 * Sections without text of their own are left out.
 */
export function sectionsOf(source: string, markdown: string): Entry[] {
  const { services, body } = withoutFrontMatter(source, markdown)
  const path: string[] = []
  const sections: { headings: string[]; parts: string[] }[] = []
  for (const node of fromMarkdown(body).children) {
    const text = body.slice(node.position?.start.offset, node.position?.end.offset)
    if (node.type === 'heading') {
      path.length = Math.min(path.length, node.depth - 1)
      path.push(text.replace(/^#+\s*|\s*#*$|\n[=-]+$/g, ''))
      sections.push({ headings: [...path], parts: [] })
    } else if (sections.length === 0) sections.push({ headings: [], parts: [text] })
    else sections.at(-1)?.parts.push(text)
  }
  const seen = new Map<string, number>()
  return sections.flatMap(({ headings, parts }) =>
    joinedUpTo(MOST_CHARACTERS, parts).map((text) => {
      const content = JSON.stringify([source, headings, text, services])
      // the same paragraph may stand twice under headings of the same name
      const nth = seen.get(content) ?? 0
      seen.set(content, nth + 1)
      return { id: hashOf(`${nth} ${content}`), source, headings, text, services, time: null }
    }),
  )
}

const hashOf = (content: string): string => createHash('sha256').update(content).digest('hex').slice(0, 32)

function withoutFrontMatter(source: string, markdown: string): { services: string[]; body: string } {
  const text = markdown.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n')
  const [whole, yaml] = /^---\n([^]*?)\n---(?:\n|$)/.exec(text) ?? []
  if (whole === undefined || yaml === undefined) return { services: [], body: text }
  try {
    const { services = [] } = head.parse(parse(yaml) ?? {})
    return { services, body: text.slice(whole.length) }
  } catch (error) {
    const why = error instanceof z.ZodError ? 'services must be a list of names' : String(error).split('\n')[0]
    throw new RunbookError(`${source}: its front matter is invalid: ${why}`)
  }
}

function joinedUpTo(most: number, parts: readonly string[]): string[] {
  const pieces = parts.flatMap((part) => part.match(new RegExp(`[^]{1,${most}}`, 'gu')) ?? [])
  const joined: string[] = []
  for (const piece of pieces) {
    const last = joined.at(-1)
    if (last !== undefined && last.length + piece.length + 2 <= most) joined[joined.length - 1] = `${last}\n\n${piece}`
    else joined.push(piece)
  }
  return joined
}
