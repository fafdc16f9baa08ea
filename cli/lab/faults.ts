/** Lists and switches the faults of a lab through its port. */
import { doorOf, type LabDoor } from '../../embedded/lab-door.ts'
import { FAULT_NAMES, isFault } from '../../lab/faults.ts'
import { nearNames } from '../../agents/assistant/near-names.ts'
import { readConfig } from '../config.ts'
import { type ClientContext, CommandError } from '../login/context.ts'
import { wordsOf } from '../login/reason.ts'
import { type Fault, faults, refusal } from './answer.ts'
import type { FaultOptions } from './options.ts'
import { lab as texts } from './texts.ts'

/** A deployment waits for processes to start. */
const LIMIT_MS = 5 * 60_000

export async function list(context: ClientContext, { json }: FaultOptions): Promise<void> {
  const found = await ask(context, 'GET', 'faults')
  if (json === true) return context.print(JSON.stringify(found))
  for (const one of found) context.print(texts.one(one)[context.language])
}

/** Throws `CommandError` before asking if the name or the combination of options is wrong. */
export async function change(context: ClientContext, name: string, options: FaultOptions): Promise<void> {
  if (!isFault(name)) throw new CommandError(texts.unknown(name, nearNames(name, FAULT_NAMES)))
  if (options.off === true && options.for !== undefined) throw new CommandError(texts.either)
  const found =
    options.off === true
      ? await ask(context, 'DELETE', `faults/${name}`)
      : await ask(context, 'PUT', `faults/${name}`, { for_ms: options.for ?? null })
  const now = found.find((one) => one.name === name)
  if (now === undefined) throw new CommandError(texts.otherLab(name))
  if (options.json === true) return context.print(JSON.stringify(now))
  context.print(texts.now(now)[context.language])
}

async function ask(context: ClientContext, method: string, path: string, body?: object): Promise<Fault[]> {
  const { url, token } = doorFor(context)
  const response = await fetch(new URL(path, url.endsWith('/') ? url : `${url}/`), {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(LIMIT_MS),
  }).catch((error: unknown) => {
    throw new CommandError(texts.away(url, wordsOf(error)))
  })
  const answer: unknown = await response.json().catch(() => null)
  if (response.ok) {
    const { data } = faults.safeParse(answer)
    if (data === undefined) throw new CommandError(texts.stranger(url))
    return data
  }
  const { data: refused } = refusal.safeParse(answer)
  if (refused?.code === 'fault_on') throw new CommandError(texts.on)
  if (refused?.code === 'fault_off') throw new CommandError(texts.off)
  throw new CommandError(texts.refused(response.status, refused?.error ?? ''))
}

/** Throws `CommandError` if there is no lab, or half of what says where it is. */
function doorFor({ environment, dataDir }: ClientContext): Pick<LabDoor, 'url' | 'token'> {
  const { LAB_URL: url, LAB_TOKEN: token } = readConfig(environment)
  if (url !== undefined && token !== undefined) return { url, token }
  if (url !== undefined || token !== undefined) throw new CommandError(texts.half)
  const found = doorOf(dataDir)
  if (found === null) throw new CommandError(texts.none(dataDir))
  return found
}
