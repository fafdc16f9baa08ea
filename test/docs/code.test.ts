/** Code in Markdown is well-formed, and the commands in it exist with their options. */
import { stripTypeScriptTypes } from 'node:module'
import { Command } from 'commander'
import { expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { everyCommand } from '../../cli/every-command.ts'
import { type Block, markdownFiles, readPage } from './markdown.ts'

const pages = markdownFiles().map(readPage)
const blocks = pages.flatMap((page) => page.blocks)
const program = await everyCommand('en')

const parsers: Readonly<Record<string, (text: string) => void>> = {
  json: (text) => void JSON.parse(text),
  yaml: (text) => {
    const [error] = parseAllDocuments(text).flatMap((document) => document.errors)
    if (error !== undefined) throw error
  },
  ts: (text) => void stripTypeScriptTypes(text),
  // its own parser needs a browser
  mermaid: (text) => expect(text).toMatch(/^(flowchart|xychart-beta)\b/),
  // commands, checked below, and what cannot be parsed
  '': () => undefined,
  text: () => undefined,
  promql: () => undefined,
}

function faultOf({ file, line, language, text }: Block): string[] {
  const parser = parsers[language]
  if (parser === undefined) return [`${file}:${line}: nobody parses ${language}: say in test/docs/code.test.ts how`]
  try {
    parser(text)
    return []
  } catch (error) {
    return [`${file}:${line}: ${String(error)}`]
  }
}

test('every block of code parses', () => {
  expect(blocks.flatMap(faultOf)).toEqual([])
})

test('a block that does not parse is found', () => {
  const at = { file: 'a.md', line: 1 }
  for (const [language, text] of [
    ['json', '{'],
    ['yaml', 'a: [b'],
    ['ts', 'const = 1'],
    ['toml', ''],
  ] as const)
    expect(faultOf({ ...at, language, text }), language).toHaveLength(1)
})

/** The command and options after each `sre` in a line of shell: up to a pipe, a comment, or the closing of a quotation. */
const calls = (line: string): string[][] =>
  [...line.matchAll(/(?:^|npx |--rm |\()sre((?: [^\s|#;&)]+)+)/g)].map(([, words = '']) => words.trim().split(' '))

/** The commands and options in a call that do not exist. */
function unknownIn(words: readonly string[]): string | null {
  let command: Command = program
  for (const [place, word] of words.entries()) {
    if (word.startsWith('--')) {
      const long = word.split('=')[0]
      const known = [...command.options, ...program.options].some((option) => option.long === long)
      if (!known && !['--help', '--version'].includes(long ?? '')) return `${command.name()} has no option ${long}`
    } else if (word.startsWith('<')) {
      return null
    } else if (command.commands.length > 0) {
      // alternatives in prose: `sre dlq list|show`
      const next = word.split('|').map((one) => command.commands.find((sub) => sub.name() === one))
      if (next[0] === undefined && command.registeredArguments.length > 0) continue
      if (next.includes(undefined) || next[0] === undefined)
        return `there is no command ${words.slice(0, place + 1).join(' ')}`
      command = next[0]
    }
  }
  return null
}

test('every command in a block, or in a line that begins with sre, exists with its options', () => {
  const written = pages.flatMap(({ file, blocks: own, codes }) => [
    ...own.flatMap(({ line, language, text }) =>
      language === '' ? text.split('\n').map((one, index) => ({ file, line: line + index + 1, text: one })) : [],
    ),
    ...codes.filter(({ text }) => /^(npx )?sre /.test(text)).map((code) => ({ file, ...code })),
  ])
  const checked = written.flatMap(({ file, line, text }) => calls(text).map((words) => ({ file, line, words })))
  expect(checked.length).toBeGreaterThan(80)
  expect(
    checked.flatMap(({ file, line, words }) => {
      const fault = unknownIn(words)
      return fault === null ? [] : [`${file}:${line}: ${fault}`]
    }),
  ).toEqual([])
})

test('a command or an option that does not exist is found', () => {
  const faults = [
    'npx sre diagnos --service x',
    'npx sre topics drop',
    'npx sre diagnose --servce x',
    'npx sre topics plan --json',
  ]
  expect(faults.map((line) => calls(line).map(unknownIn))).toEqual([
    ['there is no command diagnos'],
    ['there is no command topics drop'],
    ['diagnose has no option --servce'],
    [null],
  ])
})
