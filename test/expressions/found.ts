/** Finds every regular expression of the product: literals in the source, and those built by `new RegExp` on import. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parse } from '@babel/parser'

export interface Expression {
  /** relative to the root */
  path: string
  /** 1-based */
  line: number
  source: string
  flags: string
}

/** A `new RegExp` that is not run on import, so its pattern is known only at run time. */
export interface Built {
  path: string
  line: number
  text: string
}

interface Node {
  type: string
  start: number
  end: number
  loc: { start: { line: number; column: number } }
  [part: string]: unknown
}

const PRODUCT = '{schemas,tenants,bus,analysis,recording,agents,gateway,embedded,lab,cli}/**/*.ts'
export const root = join(import.meta.dirname, '../..')

export async function expressionsIn(
  paths: readonly string[] = globSync(PRODUCT, { cwd: root }).sort(),
): Promise<{ expressions: Expression[]; built: Built[] }> {
  const sources = paths.map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
  const read = sources.flatMap(({ path, text }) => nodesOf(text).map((node) => ({ path, text, node })))
  const literals = read.filter(({ node }) => node.type === 'RegExpLiteral')
  const calls = read.filter(({ node }) => isConstruction(node))
  const made = await madeIn(new Set(calls.map(({ path }) => path)))
  const placed = calls.map(({ path, text, node }) => ({ path, text, node, made: made.get(placeOf(path, node)) ?? [] }))
  return {
    expressions: [
      ...literals.map(({ path, node }) => ({ path, line: node.loc.start.line, source: String(node['pattern']), flags: String(node['flags']) })), // prettier-ignore
      ...placed.flatMap(({ path, node, made }) => made.map((one) => ({ path, line: node.loc.start.line, ...one }))),
    ],
    built: placed
      .filter(({ made }) => made.length === 0)
      .map(({ path, text, node }) => ({ path, line: node.loc.start.line, text: text.slice(node.start, node.end) })),
  }
}

const isConstruction = ({ type, callee }: Node): boolean =>
  (type === 'NewExpression' || type === 'CallExpression') && (callee as { name?: string }).name === 'RegExp'

const placeOf = (path: string, { loc }: Node): string => `${path}:${loc.start.line}:${loc.start.column + 1}`

function nodesOf(text: string): Node[] {
  const nodes: Node[] = []
  const left: unknown[] = [parse(text, { sourceType: 'module', plugins: ['typescript'] }).program]
  for (let part = left.pop(); part !== undefined; part = left.pop()) {
    if (typeof part !== 'object' || part === null) continue
    if ('type' in part && 'loc' in part) nodes.push(part as Node)
    for (const below of Object.values(part)) if (typeof below === 'object' && below !== null) left.push(below)
  }
  return nodes
}

/** The expressions each place of these files builds on import. */
async function madeIn(paths: ReadonlySet<string>): Promise<Map<string, { source: string; flags: string }[]>> {
  const made = new Map<string, { source: string; flags: string }[]>()
  const plain = globalThis.RegExp
  globalThis.RegExp = new Proxy(plain, {
    construct(target, given, asked: typeof RegExp) {
      const one = Reflect.construct(target, given, asked) as RegExp
      const place = callerIn(new Error().stack ?? '')
      if (place !== null) made.set(place, [...(made.get(place) ?? []), { source: one.source, flags: one.flags }])
      return one
    },
  })
  try {
    for (const path of paths) await import(pathToFileURL(join(root, path)).href)
  } finally {
    globalThis.RegExp = plain
  }
  return made
}

/** The calling place, relative to the root: the first stack frame outside this file. */
function callerIn(stack: string): string | null {
  const url = /\((file:[^()]+)\)$|at (file:\S+)$/.exec(stack.split('\n')[2] ?? '')
  const [, file = '', place = ''] = /^(.*\.ts)(:\d+:\d+)$/.exec(url?.[1] ?? url?.[2] ?? '') ?? []
  return file === '' ? null : fileURLToPath(file).slice(root.length + 1) + place
}
