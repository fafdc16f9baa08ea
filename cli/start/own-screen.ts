/** The first screen for the user's own systems: services found, missing sources, and an example command. */
import type { Tools } from '../../agents/tools/tools.ts'
import type { Config } from '../config.ts'
import type { ClientContext } from '../login/context.ts'
import { paint } from '../terminal/line.ts'
import { besides, shown } from './texts.ts'

export async function tellOwn(context: ClientContext, { controlPlane }: Tools, config: Config): Promise<void> {
  const { language } = context
  const { PROMETHEUS_URL: given } = config
  context.print('')
  const lacking = (['PROMETHEUS_URL', 'LOKI_URL', 'TRACES_URL'] as const).filter((name) => config[name] === undefined)
  const unknown = shown.own.lacking(lacking)[language]
  if (given === undefined) return context.print(unknown)
  const url = withoutPassword(given)
  const found = await controlPlane.resources({ service: null }, { signal: AbortSignal.timeout(LIMIT_MS) })
  // by name: how busy they are differs between two starts
  const names = (found.status === 'ok' ? found.data : []).map((one) => one.service_name).sort()
  const told =
    found.status === 'failed'
      ? shown.own.away(url, found.summary)
      : names.length === 0
        ? shown.own.noServices(url)
        : shown.own.services(url, names)
  context.print(paint('bold', told[language]))
  context.print(unknown)
  const [first] = names
  if (first !== undefined) context.print(shown.own.ask(first, besides(config.DATA_DIR))[language])
}

const LIMIT_MS = 30_000

function withoutPassword(given: string): string {
  const url = new URL(given)
  url.username = url.password = ''
  return url.href.replace(/\/$/, '')
}
