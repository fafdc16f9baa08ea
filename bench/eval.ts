/**
 * `npm run eval -- --data DIR`: measures the engine on the public sets in DIR and writes the evaluation page and the features the confidence is
 * fitted on. DIR contains `sock-shop`, `petshop`, `nezha-online-boutique` and `nezha-train-ticket`, or a folder `rca` with them, and `anomaly/nab`,
 * `anomaly/wsd`, `forecast/m4-weekly`, `forecast/m4-hourly` and `logs/loghub`; missing sets are listed. `--only` measures one set, prints the page and writes nothing. `--quick` measures
 * speed on less data. `--drain3` names a Python that has the package Drain3, for comparing log templates.
 */
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { count, readArguments, refuse } from './arguments.ts'
import { type Answered, OWN, type Part, PARTS, sets } from './rankings/ask.ts'
import { type SeriesFigures, type SeriesSet, seriesSets } from './series/ask-series.ts'
import { isLookedAt, judgedOf } from './page/confidence-section.ts'
import { signsAsCsv } from './confidence/signs.ts'
import type { Answer } from './rankings/evaluate.ts'
import { evaluationDocument } from './page/evaluation-document.ts'
import { incidentSets, type Question } from './outcomes/ask-outcomes.ts'
import { GENERATED, type Outcome } from './outcomes/outcome.ts'
import { measureLogs } from './logs/log-templates.ts'
import { FULL, measureSpeed, QUICK } from './speed.ts'

const [SCENARIOS, LOGHUB] = ['scenarios', 'loghub']
const known = [...Object.keys(sets), ...Object.keys(incidentSets), GENERATED, ...Object.keys(seriesSets), SCENARIOS, LOGHUB] // prettier-ignore
const USAGE = `usage: npm run eval -- --data DIR [--only SET]... [--incidents N] [--out FILE] [--signs FILE] [--misses] [--quick] [--drain3 PYTHON]

  --data DIR       the public data sets; what is missing is listed
  --only SET       measure this set only and write nothing: ${known.join(', ')}
  --incidents N    generated incidents of each side (default: ${FULL.incidents}, with --quick ${QUICK.incidents})
  --out FILE       the page (default: docs/evaluation.md)
  --signs FILE     the features the confidence is fitted on (default: bench/confidence/signs.csv)
  --misses         list what the engine did not find
  --quick          measure speed on less data, and on few generated incidents
  --drain3 PYTHON  a Python with the package Drain3, to compare log templates with`

const { values } = readArguments(USAGE, {
  options: {
    data: { type: 'string' },
    only: { type: 'string', multiple: true },
    out: { type: 'string', default: 'docs/evaluation.md' },
    incidents: { type: 'string' },
    signs: { type: 'string', default: join(import.meta.dirname, 'confidence/signs.csv') },
    quick: { type: 'boolean', default: false },
    misses: { type: 'boolean', default: false },
    drain3: { type: 'string' },
  },
})
const data = values.data ?? refuse(USAGE, '--data is required')
for (const name of values.only ?? []) if (!known.includes(name)) refuse(USAGE, `there is no set '${name}'`)
const amount = values.quick ? QUICK : FULL
const incidents = values.incidents === undefined ? amount.incidents : count(USAGE, '--incidents', values.incidents)
const root = existsSync(join(data, 'rca')) ? join(data, 'rca') : data

const isAsked = (name: string): boolean => values.only === undefined || values.only.includes(name)
const names = Object.keys(sets).filter(isAsked)
const absent = names.filter((name) => !existsSync(join(root, name)))
const asked = names.filter((name) => !absent.includes(name)).map((name) => ({ name, root: join(root, name) }))
if (isAsked(SCENARIOS)) asked.push({ name: OWN, root: join(import.meta.dirname, '..', 'test', 'scenarios') })
const [answers, outcomes, anomalies, minutes, forecasts, hourly] = await Promise.all([
  Promise.all(asked.map(answersOf)).then((all) => all.flat()),
  Promise.all(questions().map(outcomesOf)).then((all) => all.flat()),
  figuresOf('nab'),
  figuresOf('wsd'),
  figuresOf('m4-weekly'),
  figuresOf('m4-hourly'),
])

/** Public sets of incidents that are there, and generated incidents in two parts. */
function questions(): Question[] {
  const names = (Object.keys(incidentSets) as (keyof typeof incidentSets)[]).filter(isAsked)
  absent.push(...names.filter((set) => !existsSync(join(root, set))))
  const half = Math.ceil(incidents / 2)
  return [
    ...names.filter((set) => !absent.includes(set)).map((set) => ({ set, root: join(root, set) })),
    ...(isAsked(GENERATED) ? [0, 1].map((part) => ({ set: GENERATED, from: part * half, to: Math.min(incidents, (part + 1) * half) }) as const) : []), // prettier-ignore
  ]
}

async function outcomesOf(question: Question): Promise<Outcome[]> {
  const worker = new Worker(new URL('./outcomes/ask-outcomes.ts', import.meta.url), { workerData: question })
  const [outcomes] = (await once(worker, 'message')) as [Outcome[]]
  console.error(`${question.set}: ${outcomes.length} incidents`)
  return outcomes
}

/** Each part runs in its own thread; answers are in the order of the questions. */
async function answersOf({ name, root }: { name: string; root: string }): Promise<Answer[]> {
  const of = PARTS[name] ?? 1
  const parts = await Promise.all(Array.from({ length: of }, (_, part) => askApart({ name, root, part, of })))
  const all = parts.flat().sort((a, b) => a.index - b.index)
  console.error(`${name}: ${all.length} questions`)
  return all.map(({ answer }) => answer)
}

/** null: missing or not requested. */
async function figuresOf<Name extends SeriesSet>(name: Name): Promise<SeriesFigures[Name] | null> {
  const set = join(data, seriesSets[name])
  if (!isAsked(name)) return null
  if (!existsSync(set)) {
    absent.push(seriesSets[name])
    return null
  }
  const worker = new Worker(new URL('./series/ask-series.ts', import.meta.url), { workerData: { name, root: set } })
  const [figures] = (await once(worker, 'message')) as [SeriesFigures[Name]]
  console.error(`${name}: ${figures.series} series`)
  return figures
}

async function askApart(part: Part): Promise<Answered[]> {
  const worker = new Worker(new URL('./rankings/ask.ts', import.meta.url), { workerData: part })
  const [answered] = (await once(worker, 'message')) as [Answered[]]
  return answered
}

if (values.misses)
  for (const { group, id, ranks, verdict, truth } of answers) {
    const rank = ranks.get('engine') ?? null
    if (truth === null ? verdict !== 'nothing_wrong' : rank !== 1 || verdict === 'nothing_wrong')
      console.error(`${group} | ${id} | ${truth ?? 'nothing'} | rank ${rank} | ${verdict}`)
  }
const loghub = join(data, 'logs', 'loghub')
if (isAsked(LOGHUB) && !existsSync(loghub)) absent.push('logs/loghub')
const logs = isAsked(LOGHUB) && existsSync(loghub) ? measureLogs(loghub, amount.lines, values.drain3) : []
const text = evaluationDocument({
  answers,
  outcomes,
  speed: measureSpeed(logs, amount),
  anomalies,
  minutes,
  forecasts,
  hourly,
  absent,
})
if (absent.length === 0 && values.only === undefined) {
  await writeFile(values.out, await format(text, { ...(await resolveConfig(values.out)), filepath: values.out }))
  await writeFile(values.signs, signsAsCsv(new Map([...judgedOf(answers)].filter(([system]) => isLookedAt(system)))))
}
console.log(text)
if (absent.length > 0) {
  console.error(`not found below ${data}: ${absent.join(', ')}; ${values.out} was left as it is`)
  process.exitCode = 1
}
