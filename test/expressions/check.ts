/** `npm run expressions:check`: exits with 1 if a regular expression of the product may take more than linear time. */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expressionsIn, root, type Expression } from './found.ts'
import { judge, type Judgement } from './judge.ts'
import { BUILT_AT_RUN_TIME, READ_BY_A_PERSON } from './reviewed.ts'
import { problemsOf } from './verdicts.ts'

/** Cache of expressions already found linear by this check. */
const folder = join(root, 'node_modules/.cache/sre-platform')
const file = join(folder, 'linear-expressions.json')
const judgeText = ['judge.ts', '../../package-lock.json'].map((name) => readFileSync(join(import.meta.dirname, name), 'utf8')).join('') // prettier-ignore
const keyOf = ({ source, flags }: Expression): string =>
  createHash('sha256').update(`${judgeText}\0${source}\0${flags}`).digest('base64')

const linear = new Set(known())
const found = await expressionsIn()
const problems = problemsOf(found, judged, { built: BUILT_AT_RUN_TIME, read: READ_BY_A_PERSON })
mkdirSync(folder, { recursive: true })
writeFileSync(file, JSON.stringify(found.expressions.map(keyOf).filter((key) => linear.has(key))))
const reviewed = Object.keys(BUILT_AT_RUN_TIME).length + Object.keys(READ_BY_A_PERSON).length
for (const problem of problems) console.error(problem)
console.log(`${found.expressions.length} expressions: ${problems.length} not linear, ${reviewed} reviewed by a person`) // prettier-ignore
process.exitCode = problems.length === 0 ? 0 : 1

function judged(expression: Expression): Judgement {
  const key = keyOf(expression)
  if (linear.has(key)) return { linear: true }
  const judgement = judge(expression.source, expression.flags)
  if (judgement.linear === true) linear.add(key)
  return judgement
}

function known(): string[] {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as string[]
  } catch {
    return []
  }
}
