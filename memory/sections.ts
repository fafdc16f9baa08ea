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
  const pieces = parts.flatMap((part) => linesUpTo(most, part))
  const joined: string[] = []
  for (const piece of pieces) {
    const last = joined.at(-1)
    if (last !== undefined && last.length + piece.length + 2 <= most) joined[joined.length - 1] = `${last}\n\n${piece}`
    else joined.push(piece)
  }
  return joined
}

/** A long list or block is cut between lines; a line that is too long itself, between words if it has any. */
function linesUpTo(most: number, part: string): string[] {
  const pieces: string[] = []
  for (const line of part.split('\n').flatMap((one) => wordsUpTo(most, one))) {
    const last = pieces.at(-1)
    if (last !== undefined && last.length + line.length + 1 <= most) pieces[pieces.length - 1] = `${last}\n${line}`
    else pieces.push(line)
  }
  return pieces.filter((piece) => piece.trim() !== '')
}

function wordsUpTo(most: number, line: string): string[] {
  const cut: string[] = []
  let rest = line
  while (rest.length > most) {
    const space = rest.lastIndexOf(' ', most)
    // half a character of two units is none
    const end = space > 0 ? space : most - Number(rest.charCodeAt(most - 1) >= 0xd800 && rest.charCodeAt(most - 1) < 0xdc00) // prettier-ignore
    cut.push(rest.slice(0, end))
    rest = rest.slice(space > 0 ? end + 1 : end)
  }
  return [...cut, rest]
}
