/** Records from the configured sources into a folder for `sre analyze rca`. */
import { readdirSync, rmSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import type { TimeRange } from '../../analysis/observations.ts'
import { nearNames } from '../../agents/assistant/near-names.ts'
import { around } from '../../agents/assistant/scope.ts'
import { gather, type Gathered, type Gathering, isUnknown, type Missing, missingText } from '../../agents/tools/recording/gather.ts' // prettier-ignore
import type { Resource } from '../../agents/tools/tools.ts'
import type { Language } from '../../gateway/present/language.ts'
import type { Incident } from '../../recording/incident.ts'
import { formatInstant } from '../../recording/instant.ts'
import { createRecording } from '../../recording/write.ts'
import { type ClientContext, CommandError } from '../login/context.ts'
import { UNKNOWN } from '../diagnose/watch.ts'
import type { RecordOptions } from './options.ts'
import { toolsFor } from './sources.ts'
import { recording as texts } from './texts.ts'

const DEFAULT_MS = 60 * 60_000
const LEAST_BASELINE_MS = 30 * 60_000

/** Writes only after all queries are answered, so that a failure leaves no partial recording. */
export async function record(context: ClientContext, dir: string, options: RecordOptions): Promise<void> {
  const { language } = context
  const named = [...new Set(options.service ?? [])]
  if (options.only && named.length === 0) throw new CommandError(texts.onlyWhich)
  const tools = toolsFor(context)
  const isNew = isNewFolder(dir)
  const end = context.now()
  const since = options.since ?? DEFAULT_MS
  const window = { start: end - since, end }
  const baseline = { start: window.start - Math.max(since, LEAST_BASELINE_MS), end: window.start }
  const asked = { named, window, baseline }
  let services: readonly string[] = named
  const choose: Gathering['choose'] = (resources, calls) => {
    if (options.only) return named
    const found = around(named, resources ?? [], calls)
    services = found.services
    if (services.length === 0) throw new CommandError(texts.nameThem)
    context.note(texts.chosen(named, services, found.leftOut)[language])
    return services
  }
  const gathered = await gather(tools, { ...asked, choose }, { signal: NEVER }, (result, about) => {
    context.note(texts.answered(result, about)[language])
  })
  const { counts, missing, redactions, resources, rateWindowS } = gathered
  if (counts.samples + counts.log_lines + counts.spans === 0)
    throw nothingOn({ named, services, resources, missing, language })
  await write(dir, isNew, gathered, incidentOf(dir, { ...asked, services, rateWindowS }, missing))
  if (options.json)
    return context.print(JSON.stringify({ dir, services, ...counts, redactions, missing: missing.map(missingText) }))
  context.print(texts.recorded(dir, counts, redactions)[language])
  for (const one of missing) context.note(texts.missing(one)[language])
  context.print(texts.next(dir)[language])
}

const NEVER = new AbortController().signal

interface Nothing {
  named: readonly string[]
  services: readonly string[]
  resources: readonly Resource[] | null
  missing: readonly Missing[]
  language: Language
}

/** Otherwise a recording of other services would look like one of the requested ones. */
function nothingOn({ named, services, resources, missing, language }: Nothing) {
  const details = missing.map((one) => `  - ${texts.about(one)[language]}`)
  if (named.length === 0 || !isUnknown(named, resources)) return new CommandError(texts.nothing(services), { details })
  const known = (resources ?? []).map(({ service_name }) => service_name)
  const near = [...new Set(named.flatMap((one) => nearNames(one, known)))]
  return new CommandError(texts.unknown(named, near, known), { code: 'UNKNOWN_SERVICE', exitCode: UNKNOWN })
}

/** True if the folder does not exist yet. Throws if it is not empty. */
function isNewFolder(dir: string): boolean {
  try {
    if (readdirSync(dir).length === 0) return false
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return true
    if (code !== 'ENOTDIR') throw error
  }
  throw new CommandError(texts.taken(dir))
}

async function write(dir: string, isNew: boolean, gathered: Gathered, incident: Incident): Promise<void> {
  try {
    const writer = await createRecording(dir, incident)
    await gathered.writeTo(writer)
    await writer.close()
  } catch (error) {
    if (isNew) rmSync(dir, { recursive: true, force: true })
    throw error
  }
}

const rangeOf = ({ start, end }: TimeRange) => ({ start: formatInstant(start), end: formatInstant(end) })

interface Asked extends Pick<Gathered, 'rateWindowS'> {
  named: readonly string[]
  services: readonly string[]
  window: TimeRange
  baseline: TimeRange
}

const incidentOf = (dir: string, asked: Asked, missing: readonly Missing[]): Incident => ({
  id: basename(resolve(dir)),
  asked_at: formatInstant(asked.window.end),
  window: rangeOf(asked.window),
  baseline: rangeOf(asked.baseline),
  ...(asked.rateWindowS === null ? {} : { rate_window_s: asked.rateWindowS }),
  request: {
    kind: 'question',
    ...(asked.named[0] === undefined
      ? { services: asked.services }
      : { service_name: asked.named[0], services: asked.named }),
  },
  ...(missing.length === 0 ? {} : { missing: missing.map(missingText) }),
})
