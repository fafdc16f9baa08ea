/** The anomalies that are open, and how they open, grow, join and close. */
import { delays, type Exception, type KeptOut } from './exceptions.ts'
import type { CallGraph } from './groups.ts'
import type { Condition, ServiceWatch } from './service-watch.ts'
import { type Anomaly, compared, type Ending, MOST_SERIES, RANK } from './watched.ts'

/** Score at which a service is off: once in a hundred weeks if only one series says so. */
const OPENS = 2
/** Score below which it is calm again. */
const CALMS = 0.5
/** Steps in which all services of an anomaly are calm, after which it is closed. */
const CALM_STEPS = 12
/** ms between updates, unless the severity rises. */
const UPDATES = 60_000

/** Plain data, so that it can be stored. */
export interface OpenAnomaly {
  /** as last announced */
  told: Anomaly
  /** services that were affected at any time */
  members: string[]
  /** steps in a row in which all of them were calm */
  calm: number
}

export interface StepOfServices {
  time: number
  /** services with series outside their range */
  unusual: readonly ServiceWatch[]
  graph: CallGraph
  /** by service */
  exceptions: ReadonlyMap<string, readonly Exception[]>
  /** how the deviations of a service ended that began at `since` or later */
  endingOf(service: string, since: number): Ending
}

/** by service */
interface Judged {
  /** what is announced */
  conditions: ReadonlyMap<string, Condition>
  /** what would be, of services with exceptions */
  covered: ReadonlyMap<string, Condition>
  /** why services are not announced yet */
  delayed: ReadonlyMap<string, Exception>
}
type Conditions = Judged['conditions']

export class OpenAnomalies {
  readonly kept: Record<Exception['reason'], number> = { maintenance: 0, expected: 0, deployment: 0 }
  #keptOut: KeptOut[] = []
  #open: OpenAnomaly[]
  /** services that are off under an exception: counted once, until they are calm */
  readonly #counted = new Set<string>()

  constructor(open: readonly OpenAnomaly[] = []) {
    this.#open = structuredClone([...open])
  }

  snapshot(): OpenAnomaly[] {
    return structuredClone(this.#open)
  }

  list(): Anomaly[] {
    return this.#open.map(({ told }) => told)
  }

  /** services that were affected at any time */
  membersOf(id: string): readonly string[] {
    return this.#open.find(({ told }) => told.id === id)?.members ?? []
  }

  /** The open anomalies as if they had just been opened, for a first announcement. */
  announceOpen(): Anomaly[] {
    for (const one of this.#open) one.told = { ...one.told, phase: 'opened', sequence: 0 }
    return this.list()
  }

  /** What is to be announced after a step, in order. */
  step(step: StepOfServices): Anomaly[] {
    const judged = judgedIn(step)
    this.#count(judged, step.exceptions)
    const before = [...this.#open]
    const placed = this.#place(judged, step)
    const changed = before.filter((one) => this.#open.includes(one)).flatMap((one) => this.#follow(one, judged, step))
    return [...placed, ...changed]
  }

  /** What was kept out since this was last asked. */
  takeKeptOut(): KeptOut[] {
    const taken = this.#keptOut
    this.#keptOut = []
    return taken
  }

  #count({ conditions, covered, delayed }: Judged, exceptions: StepOfServices['exceptions']): void {
    for (const service of this.#counted) if (scoreIn(covered, service) < CALMS) this.#counted.delete(service)
    const members = new Set(this.#open.flatMap((one) => one.members))
    for (const service of covered.keys()) {
      if (scoreIn(covered, service) < OPENS || this.#counted.has(service)) continue
      const isCovered = scoreIn(conditions, service) < OPENS
      const why = isCovered ? exceptions.get(service)?.find(({ below }) => below === undefined) : delayed.get(service)
      if (why === undefined || (!isCovered && members.has(service))) continue
      this.#counted.add(service)
      this.kept[why.reason] += 1
      this.#keptOut.push({ service, reason: why.reason })
    }
  }

  /** Opens an anomaly for services that are newly off, or adds them to the oldest one they belong to; others that they connect are joined to that one. */
  #place({ conditions, delayed }: Judged, { graph, time }: StepOfServices): Anomaly[] {
    const members = new Set(this.#open.flatMap((one) => one.members))
    const fresh = [...conditions].flatMap(([service, { score }]) => (score >= OPENS && !members.has(service) && !delayed.has(service) ? service : [])).sort() // prettier-ignore
    const said: Anomaly[] = []
    for (const group of graph.connected(fresh)) {
      const [oldest, ...others] = this.#open.filter((one) => one.members.some((member) => group.some((service) => graph.areNeighbours(service, member)))) // prettier-ignore
      if (oldest === undefined) {
        const told = openedFor(group, conditions, graph, time)
        this.#open.push({ told, members: group, calm: 0 })
        said.push(told)
        continue
      }
      oldest.members = [...oldest.members, ...group, ...others.flatMap((other) => other.members)]
      for (const other of others) said.push({ ...closed(other, time, 'joined'), joined: oldest.told.id })
      this.#open = this.#open.filter((one) => !others.includes(one))
    }
    return said
  }

  /** An update or the end of an anomaly that was open before. */
  #follow(one: OpenAnomaly, { conditions, covered }: Judged, { graph, time, endingOf }: StepOfServices): Anomaly[] {
    const affected = affectedOf(one.members, conditions)
    one.calm = affected.length === 0 ? one.calm + 1 : 0
    const isCovered = affected.length === 0 && one.members.some((service) => scoreIn(covered, service) >= CALMS)
    if (isCovered || one.calm >= CALM_STEPS) {
      this.#open = this.#open.filter((other) => other !== one)
      const endings = one.members.map((service) => endingOf(service, one.told.since))
      const ending = isCovered ? 'expected' : (endings.find((how) => how !== 'recovered') ?? 'recovered')
      return [closed(one, time, ending)]
    }
    if (affected.length === 0) return []
    const { service, services } = one.told
    const names = affected.map((each) => each.service)
    const isMore = names.some((name) => !services.includes(name))
    const now: Anomaly = {
      ...one.told,
      ...shownOf(affected),
      phase: 'updated',
      sequence: one.told.sequence + 1,
      service: isMore || !names.includes(service) ? graph.origin(names) : service,
      at: time,
    }
    if (!isWorthTelling(one.told, now, isMore)) return []
    one.told = now
    return [now]
  }
}

function judgedIn({ unusual, exceptions }: StepOfServices): Judged {
  const conditions = new Map<string, Condition>()
  const covered = new Map<string, Condition>()
  const delayed = new Map<string, Exception>()
  for (const service of unusual) {
    const own = exceptions.get(service.service) ?? []
    const all = service.condition()
    const left = own.length === 0 ? all : service.condition(own)
    if (left !== null) conditions.set(service.service, left)
    if (all !== null && own.length > 0) covered.set(service.service, all)
    const delaying = left === null ? undefined : own.find((one) => delays(one, left.severity))
    if (delaying !== undefined) delayed.set(service.service, delaying)
  }
  return { conditions, covered, delayed }
}

/** 0: all is as expected. */
const scoreIn = (conditions: Conditions, service: string): number => conditions.get(service)?.score ?? 0

type Affected = Condition & { service: string }

/** The members that are not calm, strongest first. */
const affectedOf = (members: readonly string[], conditions: Conditions): Affected[] =>
  members
    .flatMap((service) => {
      const condition = conditions.get(service)
      return condition === undefined || condition.score < CALMS ? [] : [{ service, ...condition }]
    })
    .sort((a, b) => b.score - a.score || compared(a.service, b.service))

/** What an announcement says of the affected services. */
const shownOf = (affected: readonly Affected[]): Pick<Anomaly, 'services' | 'severity' | 'score' | 'series'> => ({
  services: affected.map(({ service }) => service),
  severity: affected.map(({ severity }) => severity).reduce((most, one) => (RANK[one] > RANK[most] ? one : most)),
  score: affected.reduce((most, { score }) => Math.max(most, score), 0),
  series: affected
    .flatMap(({ series }) => series)
    .sort((a, b) => b.surprise - a.surprise)
    .slice(0, MOST_SERIES),
})

function openedFor(group: readonly string[], conditions: Conditions, graph: CallGraph, at: number): Anomaly {
  const affected = affectedOf(group, conditions)
  const shown = shownOf(affected)
  const service = graph.origin(shown.services)
  const since = affected.reduce((first, one) => Math.min(first, one.since), Infinity)
  return {
    id: `${service}@${at}`,
    phase: 'opened',
    sequence: 0,
    service,
    ...shown,
    since,
    at,
    ending: null,
    joined: null,
  }
}

/** The severity rose, or a service came along and the last announcement is old enough. */
const isWorthTelling = (before: Anomaly, now: Anomaly, isMore: boolean): boolean =>
  RANK[now.severity] > RANK[before.severity] || (isMore && now.at - before.at >= UPDATES)

const closed = ({ told }: OpenAnomaly, at: number, ending: Ending): Anomaly => ({ ...told, phase: 'closed', sequence: told.sequence + 1, at, ending }) // prettier-ignore
