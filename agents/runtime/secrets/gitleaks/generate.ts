/** `npm run secrets:generate`: writes gitleaks' unchanged rules to `rules.generated.ts`. They come from its Go module, so only this command needs `go`. */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'

const MODULE = 'github.com/zricethezav/gitleaks/v8@v8.30.1'

const { Dir: dir } = JSON.parse(execFileSync('go', ['mod', 'download', '-json', MODULE], { encoding: 'utf8' })) as { Dir: string } // prettier-ignore
const text = readFileSync(join(dir, 'config/gitleaks.toml'), 'utf8')
const blocks = text.split(/^\[\[rules\]\]$/m).slice(1).map((block) => block.split(/^\[/m)[0] ?? '') // prettier-ignore
const rules = blocks.flatMap((block) => {
  const regex = /^regex = '''(.*)'''$/m.exec(block)?.[1]
  // a rule without an expression is about file names
  if (regex === undefined) return []
  const entropy = Number(/^entropy = ([\d.]+)$/m.exec(block)?.[1] ?? 0)
  const [listed = ''] = block.split(/^keywords = /m)[1]?.split(']') ?? []
  const keywords = [...listed.matchAll(/"([^"]*)"/g)].map(([, word]) => word)
  const id = /^id = "(.*)"$/m.exec(block)?.[1]
  if (id === undefined || keywords.length === 0) throw new Error(`a rule without id or keywords:\n${block}`)
  return [
    `  ${inspect({ id, keywords, entropy, regex }, { breakLength: Infinity, maxStringLength: null, maxArrayLength: null })},`,
  ]
})
const licence = readFileSync(join(dir, 'LICENSE'), 'utf8').trim()
const header = `Made by \`npm run secrets:generate\` from ${MODULE}, config/gitleaks.toml. Its licence:\n\n${licence}`
const lines = [
  `/*\n${header
    .split('\n')
    .map((line) => ` * ${line}`.trimEnd())
    .join('\n')}\n */`,
  "export interface Rule {\n  id: string\n  /** lower case; every text with such a secret contains one of them */\n  keywords: readonly string[]\n  /** minimum Shannon entropy, in bits per character */\n  entropy: number\n  /** in Go's syntax */\n  regex: string\n}",
  `export const RULES: readonly Rule[] = [\n${rules.join('\n')}\n]`,
]
writeFileSync(join(import.meta.dirname, 'rules.generated.ts'), `${lines.join('\n\n')}\n`)
