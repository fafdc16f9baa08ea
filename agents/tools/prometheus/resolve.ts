/** Finds the metrics of a service and the label that holds its name, by querying the server. */
import { z } from 'zod'
import type { TimeRange } from '../../../analysis/observations.ts'
import { entries, items } from '../../../recording/items.ts'
import { parsed } from '../answer.ts'
import type { Http } from '../http.ts'
import { namedIn } from '../named.ts'
import { notIn, placeIn } from '../namespaces.ts'
import type { CallContext } from '../tools.ts'
import { type Profile, requestProfiles } from './profiles.ts'
import { latestOf } from './latest.ts'
import { type MetricsSeen, said, seconds } from './metrics-seen.ts'
import { equals, join, labelName, type Matcher, pick, quoted } from './promql.ts'
import { resourceProfiles } from './resources.ts'

export interface Mapping {
  /** a service's name in the metrics, where it differs */
  names?: Readonly<Record<string, string>>
  /** labels that hold the service's name, tried before the built-in ones */
  serviceLabels?: readonly string[]
  /** label of the namespace; default: the built-in ones */
  namespaceLabel?: string
  /** configured PromQL by indicator; `$service`, `$namespace` (quoted values) and `$window` are replaced */
  indicators?: Readonly<Record<string, string>>
}

export interface Question {
  service: string
  namespace: string | null
  /** see `MetricsQuery` */
  strict: boolean
  range: TimeRange
  mapping: Mapping
}

export interface Resolved {
  profile: Profile
  /** label matchers without braces */
  selector: string
  /** see `Found` */
  whole: string
  failed: readonly string[] | null
  /** metrics the server has; an indicator that needs others is not queried */
  metrics: ReadonlySet<string>
}

export const PROFILES: readonly Profile[] = [...requestProfiles, ...resourceProfiles]
/** Label sets read per metric, enough to see which labels there are. */
const SETS = 2000

const sets = z.looseObject({ data: items(entries(z.string())), ...said })
type LabelSet = z.output<typeof sets>['data'][number]

/** The first request profile that has the service, then all resource profiles that have it. `warnings`: the server's own. */
export async function resolve(
  http: Http,
  question: Question,
  seen: MetricsSeen,
  context: CallContext,
): Promise<{ found: Resolved[]; warnings: string[] }> {
  const { metrics, warnings } = await seen(question.range, context)
  const { strict } = question
  const present = PROFILES.filter(({ metric, namespaced }) => metrics.has(metric) && !(strict && namespaced === false))
  const located = await Promise.all(present.map((profile) => locate(http, profile, question, context)))
  const resolved = located.flatMap(({ found }): Resolved[] => (found === null ? [] : [{ ...found, metrics }]))
  const requests = resolved.filter(({ profile }) => requestProfiles.includes(profile))
  const measured = requests.map(({ profile, selector }) => ({ metric: profile.metric, selector }))
  const request = requests[await latestOf(http, measured, question.range, context)]
  const resources = resolved.filter(({ profile }) => resourceProfiles.includes(profile))
  return {
    found: request === undefined ? resources : [request, ...resources],
    warnings: [...warnings, ...located.flatMap((one) => one.warnings)],
  }
}

async function locate(
  http: Http,
  profile: Profile,
  { service, namespace, strict, range, mapping }: Question,
  context: CallContext,
): Promise<{ found: Omit<Resolved, 'metrics'> | null; warnings: string[] }> {
  const matchers = matchersOf(profile, mapping, namedIn(mapping.names, service))
  const form = new URLSearchParams({ limit: String(SETS) })
  for (const [name, value] of Object.entries(seconds(range))) form.set(name, String(value))
  for (const { promql } of matchers) form.append('match[]', pick(profile.metric, promql))
  const body = await http.json({ path: 'api/v1/series', body: form.toString() }, context)
  const { data: all, ...said } = parsed(sets, `the series of ${profile.metric}`, body)
  const warnings = [...said.warnings, ...said.infos]
  const holding = matchers.filter(({ label, holds }) => all.some((set) => holds(set[label] ?? '')))
  const places = holding.map(({ promql }) => ({ metric: profile.metric, selector: promql }))
  const matcher = holding[subsumes(holding, all) ? 0 : await latestOf(http, places, range, context)]
  if (matcher === undefined) return { found: null, warnings }
  const mine = all.filter((set) => matcher.holds(set[matcher.label] ?? ''))
  const placed = placeIn(mine, profile.metric, {
    namespace: profile.namespaced === false ? null : namespace,
    ...{ own: mapping.namespaceLabel, strict },
  })
  if ('elsewhere' in placed)
    return {
      found: null,
      warnings: [...warnings, `${profile.metric} of ${service} is ${notIn(namespace, placed.elsewhere)}`],
    }
  for (const warning of placed.warnings) warnings.push(warning)
  const whole = join(matcher.promql, placed.matcher, reporterOf(mine, profile))
  const found = {
    profile,
    selector: join(whole, partsOf(mine, profile)),
    whole,
    failed: failedOf(mine, profile),
  }
  return { found, warnings }
}

/** Text for an empty answer: what was searched for. */
export function soughtAs(service: string, mapping: Mapping = {}): string {
  const name = namedIn(mapping.names, service)
  const labels = new Set(PROFILES.flatMap((profile) => matchersOf(profile, mapping, name).map(({ label }) => label)))
  return `series of ${PROFILES.map(({ metric }) => metric).join(', ')} with ${quoted(name)} in ${[...labels].join(', ')}`
}

const matchersOf = (profile: Profile, { serviceLabels = [] }: Mapping, name: string): readonly Matcher[] => [
  ...serviceLabels.map((label) => equals(label, name)),
  ...profile.matchers(name).filter(({ label }) => !serviceLabels.includes(label)),
]

/** By the first matching label, and by each additional one. */
function failedOf(found: readonly LabelSet[], { failed = [], failedToo = [] }: Profile): string[] | null {
  const there = ({ label }: { label: string }) => found.some((set) => label in set)
  const told = [...failed.filter(there).slice(0, 1), ...failedToo.filter(there)]
  return told.length === 0 ? null : told.map(({ matcher }) => matcher)
}

/** The first label holds the name in every series where any label does, so the others add nothing. */
const subsumes = ([first, ...others]: readonly Matcher[], all: readonly LabelSet[]): boolean =>
  all.every((set) => {
    const held = ({ label, holds }: Matcher) => holds(set[label] ?? '')
    return first !== undefined && (held(first) || !others.some(held))
  })

function partsOf(found: readonly LabelSet[], { parts }: Profile): string | null {
  if (parts === undefined || !found.some((set) => !parts.whole.includes(set[parts.label] ?? ''))) return null
  return parts.whole.map((value) => `${parts.label}!=${quoted(value)}`).join(',')
}

function reporterOf(found: readonly LabelSet[], { reporter }: Profile): string | null {
  const best = reporter?.best.find((value) => found.some((set) => set[reporter.label] === value))
  return reporter === undefined || best === undefined ? null : `${labelName(reporter.label)}=${quoted(best)}`
}
