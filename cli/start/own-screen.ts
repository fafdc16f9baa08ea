/** The first screen for the user's own systems: services found, missing sources, and an example command. */
import type { Tools } from '../../agents/tools/tools.ts'
import { both } from '../../gateway/present/texts.ts'
import type { Config } from '../config.ts'
import { lookAll } from '../doctor/check.ts'
import { sourceChecks } from '../doctor/sources.ts'
import { titles } from '../doctor/texts.ts'
import type { ClientContext } from '../login/context.ts'
import { paint } from '../terminal/line.ts'
import { besides, shown } from './texts.ts'

export async function tellOwn(context: ClientContext, { controlPlane }: Tools, config: Config): Promise<void> {
  const { language } = context
  const { PROMETHEUS_URL: given } = config
  context.print('')
  const others = lookAll(sourceChecks(config).filter(({ id }) => OTHERS.includes(id)))
  const names = given === undefined ? [] : await tellServices(context, controlPlane, withoutPassword(given))
  for (const { id, state, says, todo = says } of await others)
    if (state === 'failed') context.print(paint('bold', shown.own.fails(titles[id] ?? both(id, id), says, todo)[language])) // prettier-ignore
  const lacking = (['PROMETHEUS_URL', 'LOKI_URL', 'TRACES_URL'] as const).filter((name) => config[name] === undefined)
  context.print(shown.own.lacking(lacking)[language])
  const [first] = names
  if (first !== undefined) context.print(shown.own.ask(first, besides(config.DATA_DIR))[language])
}

/** Returns their names. */
async function tellServices(context: ClientContext, controlPlane: Tools['controlPlane'], url: string) {
  const found = await controlPlane.resources({ service: null }, { signal: AbortSignal.timeout(LIMIT_MS) })
  // by name: how busy they are differs between two starts
  const names = (found.status === 'ok' ? found.data : []).map((one) => one.service_name).sort()
  const told =
    found.status === 'failed'
      ? shown.own.away(url, found.summary)
      : names.length === 0
        ? shown.own.noServices(url)
        : shown.own.services(url, names)
  context.print(paint('bold', told[context.language]))
  return names
}

const LIMIT_MS = 30_000
/** Sources that are not asked for the list of services. */
const OTHERS: readonly string[] = ['loki', 'traces']

function withoutPassword(given: string): string {
  const url = new URL(given)
  url.username = url.password = ''
  return url.href.replace(/\/$/, '')
}
