/** One fault of the lab in the simulated shop, as a recording: what a control-plane and the sources would have answered when it was asked about. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { evaluate, type RuleState, shopRules, type Transition } from '../../embedded/control-plane/rules.ts'
import { FAULT_NAMES, type FaultName } from '../../lab/faults.ts'
import { recordReplay } from '../../lab/replay/record.ts'
import { replay, type Replayed } from '../../lab/replay/replay.ts'
import { randomFrom } from '../rankings/measures.ts'
import { idOf } from './truths.ts'

const NOON = Date.parse('2026-03-02T12:00:00Z')
const MINUTE = 60_000
/** of the recording; of the window that is asked about; of the fault; of the request */
const [START, WINDOW, ON, ASKED] = [NOON - 20 * MINUTE, NOON - 10 * MINUTE, NOON - 5 * MINUTE, NOON]
/** Digits of a value: more would only make the files larger. */
const DIGITS = 5

export interface RecordedFault {
  /** files to compress */
  texts: Readonly<Record<string, string>>
  documents: Readonly<Record<string, unknown>>
}

/** The same each time. */
export async function recordFault(name: FaultName): Promise<RecordedFault> {
  const random = randomFrom(7919 * (FAULT_NAMES.indexOf(name) + 1))
  const told = await replay({ start: START, end: ASKED, random, fault: { name, at: ON, until: null } })
  const rounded = told.samples.map((one) => ({ ...one, value: Number(one.value.toPrecision(DIGITS)) }))
  const folder = mkdtempSync(join(tmpdir(), 'scenario-'))
  try {
    const dir = join(folder, 'shop')
    await recordReplay(dir, { ...told, samples: rounded }, { start: WINDOW, end: ASKED })
    const read = (file: string): string => readFileSync(join(dir, file), 'utf8')
    const parsed = (file: string): unknown => JSON.parse(read(file))
    const alerts = alertsIn(told)
    return {
      texts: { 'metrics.csv': read('metrics.csv'), 'logs.jsonl': read('logs.jsonl') },
      documents: {
        'incident.json': { ...(parsed('incident.json') as object), id: idOf(name), ...requestFor(alerts) },
        'graph.json': parsed('graph.json'),
        'changes.json': parsed('changes.json'),
        'alerts.json': alerts,
      },
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

type Alert = ReturnType<typeof alertOf>

/** What fired by the shop's own rules and has not been resolved, earliest first. */
function alertsIn({ samples }: Replayed): Alert[] {
  const firing = new Map<string, Transition>()
  let state: RuleState = new Map()
  for (const [, round] of Map.groupBy(samples, ({ time }) => time)) {
    const next = evaluate(state, shopRules, round)
    state = next.state
    for (const one of next.transitions) {
      const key = `${one.rule.name} ${one.service}`
      if (one.type === 'fired') firing.set(key, one)
      else firing.delete(key)
    }
  }
  return [...firing.values()].sort((a, b) => a.since - b.since).map(alertOf)
}

function alertOf({ rule, service, value, since }: Transition, index: number) {
  const shown = String(Number(value.toPrecision(3)))
  return {
    ...{ id: `alert-${index}`, name: rule.name, service_name: service },
    summary: `${rule.name}: ${rule.indicator} of ${service} is ${shown}${rule.unit}, above ${rule.above}`,
    ...{ severity: rule.severity, status: 'firing', started_at: new Date(since).toISOString() },
    labels: { service, indicator: rule.indicator, value: shown, threshold: String(rule.above) },
  }
}

/** The request that the control-plane would have made for the first alert; without one, a person's question. */
function requestFor([first]: readonly Alert[]) {
  const asked_at = new Date(ASKED).toISOString()
  const source = { name: 'the lab of this repository', license: 'MIT' }
  if (first === undefined)
    return { asked_at, source, title: 'How is the shop?', request: { kind: 'question', service_name: 'frontend' } }
  const { id, service_name: service, summary, severity, labels } = first
  const alert = { service, summary, severity, labels }
  return { asked_at, source, title: 'An alert of the shop', alert, request: { kind: 'alert', alert_ids: [id] } }
}
