/**
 * Mines log templates from a stream of messages, with a fixed configuration and bounded memory. As in Drain (He et al., ICWS 2017),
 * messages with the same constants share a pattern, found by a hash. Patterns that differ in a single word are merged into one template
 * once several values were seen at that position (the rule of Brain, Yu et al., TSC 2023, as a stream). So the id of a message's template
 * may change later: see `resolve`.
 */
import { constantsBeside, identity, openedAt, patternOf, type Pattern } from './pattern.ts'
import { withoutLists } from './lists.ts'
import { PARAMETER, shownOfBoth, Words } from './words.ts'

/** A position with this many different words is a parameter. */
const VALUES = 4
/** The first word usually identifies the template, so it needs more. */
const FIRST_VALUES = 32
/** Fields such as `user=` whose value is likely a parameter; the excluded fields identify the kind of line. */
const FIELD =
  /^["'([{<]?(?!(?:level|lvl|severity|msg|message|event|type|kind|action|op|operation|method|state|status|result|outcome|reason|error|err|exception|code)=)[\w.-]+["']?=/i
const FIELD_VALUES = 3
/** Words before a name: `session opened for user alice`. A second name shows that it is a parameter. */
const PREPOSITION = /^(?:for|of|to|from|by|on|in|at|with|as)$/i
const NAMING =
  /^["'(]?(?:user(?:name)?|account|group|host(?:name)?|client|peer|node|pod|container|service|server|instance|broker|queue|topic|table|database|schema|bucket|volume|device|interface|module|job|task|worker):?$/i
const NAMED_VALUES = 2
/** Not a name but what became of it: `heartbeat from node lost`. Two of these are two templates. */
const OUTCOME =
  /^\W*(?:is|was|are|were|has|had|have|can|cannot|could|will|did|does|not|no|and|or|but|in|on|at|of|to|from|by|with|as|for|up|down|lost|gone|ok|error|failure|success|timeout|ready|dead|alive|unavailable|unreachable|available|reachable|healthy|unhealthy|full|empty|idle|busy|\w+(?:ed|ing|ful))\W*$/i
/** Minimum number of constants in a template, so that not everything merges into one. */
const CONSTANTS = 2
/** Messages with different names are examined this many times per pattern, then only every 512th time. */
const [LOOKS, SELDOM] = [16, 512]
const MOST_TEMPLATES = 10_000
const MOST_PATTERNS = 200_000

export interface Template {
  id: number
  template: string
  count: number
}

interface Entry {
  id: number
  pattern: Pattern
  shown: string[]
}

interface Known {
  id: number
  /** hash of the names in the last message examined, and how often they differed */
  names: number
  looks: number
}

export class TemplateMiner {
  readonly #words = new Words()
  /** by hash of a pattern; a cache, cleared when full */
  readonly #patterns = new Map<number, Known>()
  readonly #live = new Map<number, Entry>()
  readonly #byPattern = new Map<number, number>()
  /** identity of a pattern with one position open → ids of matching templates */
  readonly #open = new Map<number, number[]>()
  /** identity of a pattern without its lists → the template that has them */
  readonly #byLists = new Map<number, number>()
  /** by id: the id of the template it was merged into, or its own */
  readonly #parents: number[] = []
  /** by id: number of messages */
  readonly #counts: number[] = []

  /** Adds one message and returns its template id; `resolve` returns the id of the template it may later be merged into. */
  add(message: string): number {
    const hash = this.#words.read(message)
    const known = this.#patterns.get(hash)
    const id = known === undefined ? this.#learn(message) : this.resolve(known.id)
    if (known === undefined) {
      if (this.#patterns.size >= MOST_PATTERNS) this.#patterns.clear()
      this.#patterns.set(hash, { id, names: this.#words.names, looks: 0 })
    } else if (known.names !== this.#words.names) {
      known.names = this.#words.names
      known.looks += 1
      if (known.looks < LOOKS || known.looks % SELDOM === 0) this.#openNames(id, message)
    }
    this.#counts[id]! += 1
    return id
  }

  /** The current id of a template. */
  resolve(id: number): number {
    let root = id
    for (let parent = this.#parents[root]; parent !== undefined && parent !== root; parent = this.#parents[root])
      root = parent
    this.#parents[id] = root
    return root
  }

  /** The text of a template, with `<*>` for parameters. */
  template(id: number): string {
    return this.#live.get(this.resolve(id))?.shown.join(' ') ?? ''
  }

  /** All templates, in order of first appearance. */
  templates(): Template[] {
    return [...this.#live.values()]
      .map(({ id, shown }) => ({ id, template: shown.join(' '), count: this.#counts[id]! }))
      .filter(({ count }) => count > 0)
      .sort((a, b) => a.id - b.id)
  }

  /** The parameter values of this message, in template order. */
  parameters(id: number, message: string): string[] {
    const entry = this.#live.get(this.resolve(id))
    this.#words.read(message)
    if (entry?.pattern.keys.length !== this.#words.count) return []
    return entry.pattern.keys.flatMap((key, at) => (key.endsWith(PARAMETER) ? [this.#words.values(message, at)] : []))
  }

  #learn(message: string): number {
    const pattern = patternOf(this.#words.keys(message))
    const known = this.#byPattern.get(identity(pattern)) ?? this.#fitting(pattern)
    if (known !== undefined) return this.#openNames(this.resolve(known), message)
    const lists = withoutLists(pattern.keys)
    const alike = lists === null ? undefined : this.#byLists.get(identity(patternOf(lists)))
    if (alike !== undefined) return this.resolve(alike)
    if (this.#live.size >= MOST_TEMPLATES) return this.#overflow(pattern.keys)
    const id = this.#consolidate(this.#enter(pattern, this.#words.shown(message)))
    if (lists !== null) this.#byLists.set(identity(patternOf(lists)), id)
    return id
  }

  /** Turns names within values that differ from earlier ones into parameters. */
  #openNames(id: number, message: string): number {
    const { shown, pattern } = this.#live.get(id)!
    // with a list of another length, the words do not match
    if (shown.length !== this.#words.count) return id
    for (const [at, text] of this.#words.shown(message).entries())
      if (pattern.keys[at] === PARAMETER) shown[at] = shownOfBoth(shown[at]!, text)
    return id
  }

  /** A template that matches this pattern except at one of the template's parameters. */
  #fitting(pattern: Pattern): number | undefined {
    for (let at = 0; at < pattern.keys.length; at += 1) {
      if (constantsBeside(pattern, at) < CONSTANTS) continue
      const id = this.#byPattern.get(openedAt(pattern, at))
      if (id !== undefined) return id
    }
    return undefined
  }

  #enter(pattern: Pattern, shown: string[]): Entry {
    const id = this.#parents.length
    this.#parents.push(id)
    this.#counts.push(0)
    const entry = { id, pattern, shown }
    this.#live.set(id, entry)
    this.#byPattern.set(identity(pattern), id)
    return entry
  }

  /** Merges a new pattern with similar ones if they reveal a parameter; then repeats with the merged one. */
  #consolidate(entry: Entry): number {
    const { pattern } = entry
    let best: { at: number; members: number[] } | null = null
    for (let at = 0; at < pattern.keys.length; at += 1) {
      if (constantsBeside(pattern, at) < CONSTANTS) continue
      const key = openedAt(pattern, at) + at
      const members = this.#open.get(key)?.filter((id) => this.#live.has(id)) ?? []
      members.push(entry.id)
      this.#open.set(key, members)
      if (members.length <= Math.max(best?.members.length ?? 0, 1)) continue
      const open = members.some((id) => this.#live.get(id)?.pattern.keys[at] === PARAMETER)
      const values = members.map((id) => this.#live.get(id)!.pattern.keys[at]!)
      if (open || members.length >= valuesAt(pattern.keys, at, values)) best = { at, members }
    }
    return best === null ? entry.id : this.#join(entry, best.at, best.members)
  }

  #join(entry: Entry, at: number, members: readonly number[]): number {
    const pattern = patternOf(entry.pattern.keys.with(at, PARAMETER))
    const known = this.#byPattern.get(identity(pattern))
    const into =
      known === undefined ? this.#enter(pattern, entry.shown.with(at, PARAMETER)) : this.#live.get(this.resolve(known))
    if (into === undefined) return entry.id
    for (const id of members) {
      const member = this.#live.get(id)
      if (member === undefined || member === into) continue
      for (const [place, key] of into.pattern.keys.entries())
        if (key === PARAMETER && place !== at) into.shown[place] = shownOfBoth(into.shown[place]!, member.shown[place]!)
      this.#counts[into.id]! += this.#counts[id]!
      this.#parents[id] = into.id
      this.#live.delete(id)
      this.#byPattern.delete(identity(member.pattern))
    }
    this.#forgetGone()
    return known === undefined ? this.#consolidate(into) : into.id
  }

  /** Drops entries of merged patterns, so that `#open` does not outgrow the templates. */
  #forgetGone(): void {
    if (this.#open.size < 100_000) return
    for (const [key, members] of this.#open) if (!members.some((id) => this.#live.has(id))) this.#open.delete(key)
  }

  /** Above the limit, further patterns are grouped by their first word only, and finally into one template. */
  #overflow(keys: readonly string[]): number {
    const rough = patternOf([keys[0]!, PARAMETER])
    const rest = patternOf([PARAMETER])
    const known = this.#byPattern.get(identity(rough)) ?? this.#byPattern.get(identity(rest))
    if (known !== undefined) return this.resolve(known)
    const last = this.#live.size >= MOST_TEMPLATES * 1.1
    return last ? this.#enter(rest, [PARAMETER]).id : this.#enter(rough, [...rough.keys]).id
  }
}

/** How many different values make a parameter of a position. */
function valuesAt(keys: readonly string[], at: number, values: readonly string[]): number {
  const isNamed = at > 1 && NAMING.test(keys[at - 1]!) && PREPOSITION.test(keys[at - 2]!)
  if (isNamed && !values.some((value) => OUTCOME.test(value))) return NAMED_VALUES
  if (at > 0) return VALUES
  return FIELD.test(keys[0]!) ? FIELD_VALUES : FIRST_VALUES
}

/** The final template id of each message, and all templates. */
export function mineTemplates(messages: Iterable<string>): {
  ids: number[]
  templates: Template[]
  miner: TemplateMiner
} {
  const miner = new TemplateMiner()
  const ids: number[] = []
  for (const message of messages) ids.push(miner.add(message))
  return { ids: ids.map((id) => miner.resolve(id)), templates: miner.templates(), miner }
}
