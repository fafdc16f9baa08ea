/** `npm run expressions:check`: exits with 1 if a regular expression of the product may take more than linear time. */
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { expressionsIn, type Expression } from './found.ts'
import { judge, type Judgement } from './judge.ts'
import { BUILT_AT_RUN_TIME, READ_BY_A_PERSON } from './reviewed.ts'
import { problemsOf } from './verdicts.ts'

/** Expressions already found linear, so that only new ones are judged. Each key covers the judge too: a change of it judges all again. */
const file = join(import.meta.dirname, 'linear.generated.json')
const judgeText = readFileSync(join(import.meta.dirname, 'judge.ts'), 'utf8')
const { version } = createRequire(import.meta.url)('recheck/package.json') as { version: string }
const keyOf = ({ source, flags }: Expression): string =>
  createHash('sha256').update([version, judgeText, source, flags].join('\0')).digest('base64url').slice(0, 24)

const linear = new Set(JSON.parse(readFileSync(file, 'utf8')) as string[])
const before = linear.size
const found = await expressionsIn()
const problems = problemsOf(found, judged, { built: BUILT_AT_RUN_TIME, read: READ_BY_A_PERSON })
const keys = [...new Set(found.expressions.map(keyOf))].filter((key) => linear.has(key)).sort()
writeFileSync(file, `${JSON.stringify(keys, null, 2)}\n`)
const reviewed = Object.keys(BUILT_AT_RUN_TIME).length + Object.keys(READ_BY_A_PERSON).length
for (const problem of problems) console.error(problem)
console.log(`${found.expressions.length} expressions: ${problems.length} not linear, ${reviewed} reviewed by a person`) // prettier-ignore
if (linear.size > before) console.log(`${linear.size - before} are new: commit test/expressions/linear.generated.json`)
process.exitCode = problems.length === 0 ? 0 : 1

function judged(expression: Expression): Judgement {
  const key = keyOf(expression)
  if (linear.has(key)) return { linear: true }
  const judgement = judge(expression.source, expression.flags)
  if (judgement.linear === true) linear.add(key)
  return judgement
}
