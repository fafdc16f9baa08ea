/**
 * `npm run eval -- --data DIR`: measures the engine on the public sets below DIR and writes what it found,
 * with the signs that the confidence is fitted on. DIR has the folders
 * `sock-shop`, `petshop`, `nezha-online-boutique` and `nezha-train-ticket`, or a folder `rca` with them, and `logs/loghub`; what is not there
 * is named. `--drain3` names a Python that has the package Drain3, to compare log templates with.
 */
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { format, resolveConfig } from 'prettier'
import type { EvaluationSet } from './cases.ts'
import { judgedOf } from './confidence-section.ts'
import { signsAsCsv } from './confidence-signs.ts'
import { answer, type Answer } from './evaluate.ts'
import { evaluationDocument } from './evaluation-document.ts'
import { measureLogs } from './log-templates.ts'
import { onlineBoutique, trainTicket } from './sets/nezha.ts'
import { petshop } from './sets/petshop.ts'
import { scenarios } from './sets/scenarios.ts'
import { sockShop } from './sets/sock-shop.ts'
import { measureSpeed } from './speed.ts'

const sets: Readonly<Record<string, (root: string) => EvaluationSet>> = {
  'sock-shop': sockShop,
  petshop: (root) => petshop(join(root, 'low_traffic')),
  'nezha-online-boutique': onlineBoutique,
  'nezha-train-ticket': trainTicket,
}

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    only: { type: 'string', multiple: true },
    out: { type: 'string', default: 'docs/evaluation.md' },
    misses: { type: 'boolean', default: false },
    drain3: { type: 'string' },
  },
})
if (values.data === undefined) {
  console.error('usage: npm run eval -- --data DIR [--only SET]... [--out FILE] [--misses] [--drain3 PYTHON]')
  process.exit(2)
}
const root = existsSync(join(values.data, 'rca')) ? join(values.data, 'rca') : values.data

const answers: Answer[] = []
const absent: string[] = []
for (const [name, read] of Object.entries(sets)) {
  if (values.only !== undefined && !values.only.includes(name)) continue
  if (!existsSync(join(root, name))) {
    absent.push(name)
    continue
  }
  ask(read(join(root, name)))
}
if (values.only === undefined) ask(await scenarios(join(import.meta.dirname, '..', 'test', 'scenarios')))

function ask({ name, cases }: EvaluationSet): void {
  for (const [index, one] of cases.entries()) answers.push(answer(one, index))
  console.error(`${name}: ${cases.length} questions`)
}

if (values.misses)
  for (const { group, id, ranks, verdict, truth } of answers) {
    const rank = ranks.get('engine') ?? null
    if (truth === null ? verdict !== 'nothing_wrong' : rank !== 1 || verdict === 'nothing_wrong')
      console.error(`${group} | ${id} | ${truth ?? 'nothing'} | rank ${rank} | ${verdict}`)
  }
const loghub = join(values.data, 'logs', 'loghub')
if (values.only === undefined && !existsSync(loghub)) absent.push('logs/loghub')
const logs = values.only === undefined && existsSync(loghub) ? measureLogs(loghub, values.drain3) : []
const text = evaluationDocument(answers, measureSpeed(logs), absent)
if (absent.length === 0 && values.only === undefined) {
  await writeFile(values.out, await format(text, { ...(await resolveConfig(values.out)), filepath: values.out }))
  await writeFile(join(import.meta.dirname, 'confidence-signs.csv'), signsAsCsv(judgedOf(answers)))
}
console.log(text)
if (absent.length > 0) {
  console.error(`not found below ${root}: ${absent.join(', ')}; ${values.out} was left as it is`)
  process.exitCode = 1
}
