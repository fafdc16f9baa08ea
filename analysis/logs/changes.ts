/**
 * Compares the log templates of each service before and during: templates that appeared, vanished, grew, shrank, or have other values
 * (templates not seen in normal times: LogCluster, Lin et al., ICSE 2016; message counts: Xu et al., SOSP 2009; here per template).
 */
import type { LogLine, TimeRange } from '../observations.ts'
import { countDistance } from '../counts.ts'
import { exceptionIn, type LoggedException } from './exceptions.ts'
import { ENOUGH_VALUES, parameterChange, type ParameterChange } from './parameters.ts'
import { hostsIn } from './hosts.ts'
import { levelIn, severityOf, type LogSeverity } from './severity.ts'
import { joinStacks } from './stacks/joined.ts'
import { rangeOf, scatterOf, stretchAt, type Stretches, stretchesOf } from './stretches.ts'
import { MinedLines } from './mined.ts'

/** `silent`: the service stopped logging altogether */
export type TemplateChangeKind = 'appeared' | 'vanished' | 'grew' | 'shrank' | 'parameters' | 'silent'

export interface TemplateChange {
  kind: TemplateChangeKind
  service: string
  template: string
  severity: LogSeverity
  level?: string
  /** lines */
  before: number
  during: number
  /** expected lines, at the baseline rate; scaled up if the service logs more of everything */
  expected: number
  /**
   * distance of `during` from `expected` in standard deviations, given the scatter of the baseline counts (Anscombe); negative: fewer lines.
   * For `silent`, see silence.ts
   */
  deviation: number
  /** ms since the epoch: the first line in the window (`vanished`: the last line before it) */
  timestamp: number
  example: string
  exception?: LoggedException
  parameter?: ParameterChange
  /** for errors: the hosts that nearly all of its lines name as called */
  hosts?: readonly string[]
  /** evidence ids of the lines (`vanished`: of the lines before) */
  evidence: readonly string[]
}

export interface CompareOptions {
  /** the ranges of `before` and `during`; absent: from their first to their last line */
  baseline?: TimeRange
  window?: TimeRange
  /** a template cache shared with other analyses of the same lines */
  mined?: MinedLines
}

interface Seen {
  service: string
  id: number
  before: number
  during: number
  first: number
  last: number
  example: LogLine
  exception: LoggedException | null
  samples: { before: string[]; during: string[] }
  evidence: { before: Set<string>; during: Set<string> }
  /** lines in each stretch of the baseline */
  stretches: Uint32Array
}

/** Minimum deviation of an unusual count. Among hundreds of templates, chance alone sometimes reaches three. */
export const UNUSUAL = 4
const MOST_SAMPLES = 64

/**
 * Changed templates, strongest first. Lines may be in any order; without lines before, the result is empty. A busier service logs more of
 * everything, so a template only counts as grown if it grew more than the rest of its service.
 */
export function compareTemplates(
  before: readonly LogLine[],
  during: readonly LogLine[],
  options: CompareOptions = {},
): TemplateChange[] {
  if (before.length === 0) return []
  const miner = options.mined ?? new MinedLines()
  const seen = new Map<string, Seen>()
  const length = lengthOf(options.window, during)
  const cut = stretchesOf(before, length)
  for (const line of joinStacks(before)) count(seen, miner, line, cut, 'before')
  for (const line of joinStacks(during)) count(seen, miner, line, cut, 'during')
  const ratio = length / lengthOf(options.baseline, before)
  const usual = Number.isFinite(ratio) && ratio > 0 ? ratio : 1
  const changed = [...resolved(seen, miner)]
  const lines = Map.groupBy(changed, ({ service }) => service)
  const volumes = new Map([...lines].map(([service, ones]) => [service, { before: sum(ones, 'before'), during: sum(ones, 'during') }])) // prettier-ignore
  const newByChance = new Map([...lines].map(([service, ones]) => [service, unseenLines(ones)]))
  return changed
    .flatMap((one) => {
      const all = volumes.get(one.service) ?? one
      const alone = all.before === one.before
      const busier = alone ? usual : Math.max(usual, (all.during - one.during) / (all.before - one.before))
      const expected = one.before === 0 ? newByChance.get(one.service) : undefined
      return changesOf(one, miner, {
        least: usual,
        most: busier,
        unseen: expected ?? 0,
        scatter: scatterOf(cut, one.stretches),
      })
    })
    .sort((a, b) => weight(b) - weight(a) || (a.template < b.template ? -1 : 1))
}

const sum = (ones: readonly Seen[], side: 'before' | 'during'): number => ones.reduce((all, one) => all + one[side], 0)

function count(
  seen: Map<string, Seen>,
  miner: MinedLines,
  line: LogLine,
  cut: Stretches,
  when: 'before' | 'during',
): void {
  const id = miner.idOf(line)
  const key = `${id}\0${line.service}`
  let one = seen.get(key)
  if (one === undefined) {
    const samples = { before: [], during: [] }
    const evidence = { before: new Set<string>(), during: new Set<string>() }
    const stretches = new Uint32Array(cut.all.length)
    const { service, timestamp } = line
    one = { service, id, before: 0, during: 0, first: Infinity, last: timestamp, example: line, exception: null, samples, evidence, stretches } // prettier-ignore
    seen.set(key, one)
  }
  one[when] += 1
  one.last = Math.max(one.last, line.timestamp)
  if (one.samples[when].length < MOST_SAMPLES) one.samples[when].push(line.message)
  if (line.evidence !== undefined && one.evidence[when].size < 10) one.evidence[when].add(line.evidence)
  if (when === 'before') {
    one.stretches[stretchAt(cut, line.timestamp)]! += 1
    return
  }
  one.first = Math.min(one.first, line.timestamp)
  if (one.during === 1) one.example = line
  if (one.during <= MOST_SAMPLES && one.exception?.frame === undefined)
    one.exception = exceptionIn(line.message) ?? one.exception
}

/** Merges the counts of ids that became one template. */
function resolved(seen: ReadonlyMap<string, Seen>, miner: MinedLines): Iterable<Seen> {
  const merged = new Map<string, Seen>()
  for (const one of seen.values()) {
    const key = `${miner.resolve(one.id)}\0${one.service}`
    const other = merged.get(key)
    if (other === undefined) {
      merged.set(key, one)
      continue
    }
    other.before += one.before
    other.during += one.during
    if (one.first < other.first) other.example = one.example
    other.first = Math.min(other.first, one.first)
    other.last = Math.max(other.last, one.last)
    other.exception ??= one.exception
    for (const [at, lines] of one.stretches.entries()) other.stretches[at]! += lines
    for (const when of ['before', 'during'] as const) {
      for (const line of one.samples[when]) other.samples[when].push(line)
      for (const id of one.evidence[when]) other.evidence[when].add(id)
    }
  }
  return merged.values()
}

/**
 * Expected number of lines, per new template, that are new by chance: if f1 of n lines have a template seen only once, a share f1/n of the
 * next lines will have an unseen template (Good, "The population frequencies of species", Biometrika 1953).
 */
function unseenLines(ones: readonly Seen[]): number {
  const [before, during] = [sum(ones, 'before'), sum(ones, 'during')]
  const fresh = ones.filter((one) => one.before === 0).length
  if (before === 0 || fresh === 0) return 0
  return ((ones.filter((one) => one.before === 1).length / before) * during) / fresh
}

interface Expected {
  /** factors for the minimum and maximum expected count, relative to `before` */
  least: number
  most: number
  /** expected lines of a template not seen before */
  unseen: number
  /** overdispersion of the baseline counts relative to Poisson */
  scatter: number
}

function changesOf(one: Seen, miner: MinedLines, { least, most, unseen, scatter }: Expected): TemplateChange[] {
  const { before, during, service, example, exception } = one
  const ratio = during < before * least ? least : most
  const expected = Math.max(unseen, during < before * least ? before * least : Math.min(during, before * most))
  const deviation = countDistance(during, expected, ratio) / Math.sqrt(scatter)
  const rows = (messages: readonly string[]): string[][] => messages.map((message) => miner.parameters(one.id, message))
  const enough = Math.min(one.samples.before.length, one.samples.during.length) >= ENOUGH_VALUES
  const parameter = enough ? parameterChange(rows(one.samples.before), rows(one.samples.during)) : null
  const kind = kindOf(before, during, deviation) ?? (parameter === null ? null : 'parameters')
  if (kind === null) return []
  const level = example.level ?? levelIn(example.message)
  // an error that is logged less often is harmless
  const severity = during < expected && during < before ? 'info' : severityOf(level, example.message)
  const hosts = severity === 'info' ? [] : hostsIn(one.samples.during)
  return [
    {
      kind,
      service,
      template: miner.template(one.id),
      severity,
      ...(level === undefined ? {} : { level }),
      before,
      during,
      expected,
      deviation,
      timestamp: during === 0 ? one.last : one.first,
      example: example.message.slice(0, 2_000),
      ...(exception === null || during === 0 ? {} : { exception }),
      ...(parameter === null ? {} : { parameter }),
      ...(hosts.length === 0 ? {} : { hosts }),
      evidence: [...one.evidence[during === 0 ? 'before' : 'during']],
    },
  ]
}

function kindOf(before: number, during: number, deviation: number): TemplateChangeKind | null {
  if (before === 0) return 'appeared'
  if (during === 0) return deviation <= -UNUSUAL ? 'vanished' : null
  if (deviation >= UNUSUAL) return 'grew'
  return deviation <= -UNUSUAL ? 'shrank' : null
}

const SEVERITY = { critical: 3, warning: 2, info: 1 } as const
const weight = ({ severity, deviation, exception }: TemplateChange): number =>
  SEVERITY[severity] * (1 + Math.abs(deviation)) + (exception === undefined ? 0 : 2)

function lengthOf(range: TimeRange | undefined, lines: readonly LogLine[]): number {
  const { start, end } = range ?? rangeOf(lines)
  return end - start
}
