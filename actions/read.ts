/** Reads the catalogue from its YAML file; reports all mistakes in one message, each with its line. */
import { readFileSync } from 'node:fs'
import { LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'
import { type Catalogue, type CatalogueAction, type Parameter, REMEDIABLE, RISKS, whyNot } from './catalogue.ts'

export class CatalogueError extends Error {
  override readonly name = 'CatalogueError'
}

const name = z.string().regex(/^[a-z][a-z0-9_]{0,63}$/, 'must be a name in lower case, such as run_script')
const text = z.string().min(1).max(500)
const scalar = z.union([z.string(), z.number()]).transform(String)
const ordinary = { required: z.boolean().default(false), default: scalar.optional() }
const number = { ...ordinary, min: z.number().optional(), max: z.number().optional() }
const parameter = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('string'),
    ...ordinary,
    max_length: z.int().min(1).max(1000).default(255),
    pattern: z.string().max(500).refine(isPattern, 'must be a regular expression').optional(),
  }),
  z.strictObject({ type: z.literal('integer'), ...number }),
  z.strictObject({ type: z.literal('number'), ...number }),
  z.strictObject({ type: z.literal('enum'), ...ordinary, values: z.array(scalar).min(1) }),
])

const action = z.strictObject({
  fits: z.array(z.enum(REMEDIABLE)).default([]),
  risk: z.enum(RISKS),
  approvers: z.array(text).min(1).optional(),
  parameters: z.record(name, parameter).default({}),
  target_state: z.array(z.enum(['image_tag', 'replicas'])).default([]),
  dry_run: z.boolean(),
  verify: z.strictObject({ signals: z.array(text).min(1), within_s: z.int().min(1).max(3600) }),
  undo: z.union(
    [
      z.strictObject({ none: z.strictObject({ en: text, 'zh-TW': text }) }),
      z.strictObject({ action: name, parameters: z.record(name, scalar).default({}) }),
    ],
    'must be { action, parameters }, or { none: { en, zh-TW } } with the reason',
  ),
})

const file = z.strictObject({ actions: z.record(name, action) })
type Read = z.output<typeof action>
type ReadParameter = z.output<typeof parameter>
type Path = readonly PropertyKey[]
interface Mistake {
  path: Path
  message: string
}

/** Throws a `CatalogueError`. */
export function readCatalogue(path: string): Catalogue {
  const lines = new LineCounter()
  const document = parseDocument(readFileSync(path, 'utf8'), { lineCounter: lines })
  const fail = (mistakes: readonly string[]): never => {
    throw new CatalogueError(`${path}:\n${mistakes.map((one) => `  - ${one}`).join('\n')}`)
  }
  if (document.errors.length > 0) fail(document.errors.map(({ message }) => message.split('\n')[0] ?? message))
  const parsed = file.safeParse(document.toJS())
  const mistakes = parsed.success ? contradictions(parsed.data.actions) : parsed.error.issues
  if (mistakes.length > 0 || !parsed.success)
    return fail(mistakes.map((one) => `line ${lineOf(one.path)}: ${one.path.join('.')}: ${one.message}`))
  return new Map(Object.entries(parsed.data.actions).map(([type, one]) => [type, actionOf(type, one)]))

  /** The line of the mistake or, if something is missing, of its parent. */
  function lineOf(place: Path): number {
    for (let depth = place.length; depth >= 0; depth--) {
      const node = document.getIn(place.slice(0, depth), true) as { range?: readonly number[] } | undefined
      if (node?.range?.[0] !== undefined) return lines.linePos(node.range[0]).line
    }
    return 1
  }
}

/** Mistakes across fields. */
function contradictions(actions: Readonly<Record<string, Read>>): Mistake[] {
  return Object.entries(actions).flatMap(([type, one]) => [
    ...Object.entries(one.parameters).flatMap(([of, each]) =>
      wrongParameter(['actions', type, 'parameters', of], each),
    ),
    ...wrongUndo(['actions', type, 'undo'], one, actions),
  ])
}

function wrongParameter(path: Path, read: ReadParameter): Mistake[] {
  const known = parameterOf(read)
  if ('min' in known && known.min !== null && known.max !== null && known.min > known.max)
    return [{ path, message: `min ${known.min} is above max ${known.max}` }]
  if (known.default === null) return []
  const why = whyNot(known, known.default)
  return why === null ? [] : [{ path: [...path, 'default'], message: why }]
}

function wrongUndo(
  path: Path,
  { undo, parameters, target_state }: Read,
  all: Readonly<Record<string, Read>>,
): Mistake[] {
  if (!('action' in undo)) return []
  const undoing = all[undo.action]
  if (undoing === undefined) return [{ path: [...path, 'action'], message: `no action ${undo.action} in this file` }]
  const missing = Object.entries(undoing.parameters)
    .filter(([one, { required }]) => required && undo.parameters[one] === undefined)
    .map(([one]): Mistake => ({ path, message: `${undo.action} requires the parameter ${one}` }))
  return [
    ...missing,
    ...Object.entries(undo.parameters).flatMap(([one, value]): Mistake[] => {
      const place = [...path, 'parameters', one]
      if (undoing.parameters[one] === undefined)
        return [{ path: place, message: `${undo.action} has no parameter ${one}` }]
      const taken = takenFrom(value)
      if (typeof taken === 'string') return []
      const there: readonly string[] = taken.from === 'parameters' ? Object.keys(parameters) : target_state
      return there.includes(taken.name) ? [] : [{ path: place, message: `${taken.name} is not in ${taken.from}` }]
    }),
  ]
}

function actionOf(type: string, read: Read): CatalogueAction {
  const { fits, risk, approvers = null, dry_run: dryRun, verify, undo } = read
  return {
    ...{ type, fits, risk, approvers, dryRun },
    parameters: new Map(Object.entries(read.parameters).map(([of, one]) => [of, parameterOf(one)])),
    targetState: read.target_state,
    verify: { signals: verify.signals, withinMs: verify.within_s * 1000 },
    undo:
      'none' in undo
        ? undo
        : {
            action: undo.action,
            parameters: new Map(Object.entries(undo.parameters).map(([of, value]) => [of, takenFrom(value)])),
          },
  }
}

function parameterOf(read: ReadParameter): Parameter {
  const common = { required: read.required, default: read.default ?? null }
  if (read.type === 'enum') return { ...common, type: read.type, values: read.values }
  if (read.type !== 'string') return { ...common, type: read.type, min: read.min ?? null, max: read.max ?? null }
  const pattern = read.pattern === undefined ? null : new RegExp(`^(?:${read.pattern})$`, 'u')
  return { ...common, type: read.type, maxLength: read.max_length, pattern }
}

/** `target_state.NAME` and `parameters.NAME` refer to the action that is undone; anything else is a fixed value. */
function takenFrom(value: string): string | { from: 'target_state' | 'parameters'; name: string } {
  const [, from, of] = /^(target_state|parameters)\.(\w+)$/.exec(value) ?? []
  return from === undefined || of === undefined ? value : { from: from as 'target_state' | 'parameters', name: of }
}

function isPattern(source: string): boolean {
  try {
    return new RegExp(source, 'u') instanceof RegExp
  } catch {
    return false
  }
}
