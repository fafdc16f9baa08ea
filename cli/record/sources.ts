/** Where a recording comes from: the sources of the environment, or else those of the platform running in the data folder. */
import { readConfig } from '../config.ts'
import { type ClientContext, CommandError } from '../login/context.ts'
import { namesSource, notedSources } from '../start/noted-sources.ts'
import { recording as texts } from './texts.ts'

type Environment = ClientContext['environment']

/** A recording never mixes the two. Throws `CommandError` if there are none, or if they need a secret, because secrets are not stored. */
export function sourcesFor({ environment, dataDir, language, note }: ClientContext): Environment {
  if (namesSource(environment)) return environment
  const noted = notedSources(dataDir)
  if (noted === null) throw new CommandError(texts.noSource)
  const merged = { ...noted.variables, ...environment }
  const lacking = noted.secrets.filter((name) => !environment[name] && !environment[`${name}_FILE`])
  if (lacking.length > 0) throw new CommandError(texts.secretsNeeded(dataDir, lacking))
  if (!namesSource(merged)) throw new CommandError(texts.ofTheShop(dataDir))
  const config = readConfig(merged)
  const urls = [config.PROMETHEUS_URL, config.LOKI_URL, config.TRACES_URL].filter((url) => url !== undefined)
  note(texts.sourcesOf(dataDir, urls)[language])
  return merged
}
