/** Records from the configured sources into a folder for `sre analyze rca`. */
import { readdirSync, rmSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import type { TimeRange } from '../../analysis/observations.ts'
import { nearNames } from '../../agents/assistant/near-names.ts'
import { around } from '../../agents/assistant/scope.ts'
import { gather, type Gathered, type Gathering, isUnknown } from '../../agents/tools/recording/gather.ts'
import type { Resource } from '../../agents/tools/tools.ts'
import type { Incident } from '../../recording/incident.ts'
import { formatInstant } from '../../recording/instant.ts'
import { createRecording } from '../../recording/write.ts'
import { readConfig } from '../config.ts'
import { type ClientContext, CommandError } from '../login/context.ts'
import { controlPlaneFrom, toolsFrom } from '../serve/tools.ts'
import { UNKNOWN } from '../diagnose/watch.ts'
import type { RecordOptions } from './options.ts'
import { sourcesFor } from './sources.ts'
import { recording as texts } from './texts.ts'

const DEFAULT_MS = 60 * 60_000
const LEAST_BASELINE_MS = 30 * 60_000

/** Writes only after all queries are answered, so that a failure leaves no partial recording. */
export async function record(context: ClientContext, dir: string, options: RecordOptions): Promise<void> {
  const { language } = context
  const environment = sourcesFor(context)
  const config = readConfig(environment)
  const controlPlane = controlPlaneFrom(environment)
  const tools = { ...toolsFrom(config), ...(controlPlane === null ? {} : { controlPlane }) }
  const isNew = isNewFolder(dir)
  const end = context.now()
  const since = options.since ?? DEFAULT_MS
  const window = { start: end - since, end }
  const baseline = { start: window.start - Math.max(since, LEAST_BASELINE_MS), end: window.start }
  const named = [...new Set(options.service)]
  const asked = { named, window, baseline }
  let services: readonly string[] = named
  const choose: Gathering['choose'] = (resources, calls) => {
    if (options.only) return named
    const found = around(named, resources ?? [], calls)
    services = found.services
    context.note(texts.chosen(named, services, found.leftOut)[language])
    return services
  }
  const gathered = await gather(tools, { ...asked, choose }, { signal: NEVER }, (result, about) => {
    context.note(texts.answered(result, about)[language])
  })
  const { counts, missing, redactions, resources } = gathered
  if (counts.samples + counts.log_lines + counts.spans === 0) throw nothingOn(named, resources, missing)
  await write(dir, isNew, gathered, incidentOf(dir, asked, missing))
  if (options.json) return context.print(JSON.stringify({ dir, services, ...counts, redactions, missing }))
  context.print(texts.recorded(dir, counts, redactions)[language])
  for (const one of missing) context.note(texts.missing(one)[language])
  context.print(texts.next(dir)[language])
}

const NEVER = new AbortController().signal

/** Otherwise a recording of other services would look like one of the requested ones. */
function nothingOn(named: readonly string[], resources: readonly Resource[] | null, missing: readonly string[]) {
  const details = missing.map((one) => `  - ${one}`)
  if (!isUnknown(named, resources)) return new CommandError(texts.nothing(named), { details })
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

const incidentOf = (
  dir: string,
  { named, window, baseline }: { named: readonly string[]; window: TimeRange; baseline: TimeRange },
  missing: readonly string[],
): Incident => ({
  id: basename(resolve(dir)),
  asked_at: formatInstant(window.end),
  window: rangeOf(window),
  baseline: rangeOf(baseline),
  request: { kind: 'question', service_name: named[0], services: named },
  ...(missing.length === 0 ? {} : { missing }),
})
