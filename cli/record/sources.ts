/** Where a recording comes from: the sources of the environment, or else those of the platform running in the data folder, or its shop. */
import type { Tools } from '../../agents/tools/tools.ts'
import { shopBeside } from '../../embedded/shop-beside.ts'
import { readConfig } from '../config.ts'
import { type ClientContext, CommandError } from '../login/context.ts'
import { controlPlaneFrom, toolsFrom } from '../serve/tools.ts'
import { namesSource, notedSources } from '../start/noted-sources.ts'
import { recording as texts } from './texts.ts'

type Environment = ClientContext['environment']

/** A recording never mixes them. Throws `CommandError` if there are none, or if they need a secret, because secrets are not stored. */
export function toolsFor(context: ClientContext): Tools {
  const { environment, dataDir, language, note } = context
  if (namesSource(environment)) return toolsOf(environment)
  const noted = notedSources(dataDir)
  if (noted === null) throw new CommandError(texts.noSource)
  const merged = { ...noted.variables, ...environment }
  const lacking = noted.secrets.filter((name) => !environment[name] && !environment[`${name}_FILE`])
  if (lacking.length > 0) throw new CommandError(texts.secretsNeeded(dataDir, lacking))
  if (!namesSource(merged)) {
    const shop = shopBeside(dataDir)
    if (shop === null) throw new CommandError(texts.shopStopped(dataDir))
    note(texts.ofTheShop(dataDir)[language])
    return shop
  }
  const config = readConfig(merged)
  const urls = [config.PROMETHEUS_URL, config.LOKI_URL, config.TRACES_URL].filter((url) => url !== undefined)
  note(texts.sourcesOf(dataDir, urls)[language])
  return toolsOf(merged)
}

function toolsOf(environment: Environment): Tools {
  const controlPlane = controlPlaneFrom(environment)
  return { ...toolsFrom(readConfig(environment)), ...(controlPlane === null ? {} : { controlPlane }) }
}
