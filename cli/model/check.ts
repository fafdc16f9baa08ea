import { checkModel, type Tried } from '../../model/check.ts'
import { connectModel } from '../../model/client.ts'
import { ModelError } from '../../model/model.ts'
import { readConfig } from '../config.ts'
import { type ClientContext, CommandError } from '../login/context.ts'
import { abilities, texts } from './texts.ts'

/** Of the whole check. */
const LONGEST_MS = 600_000

export async function check(context: ClientContext, json: boolean): Promise<void> {
  const config = readConfig(context.environment, ['ANTHROPIC_API_KEY', 'SRE_MODEL'])
  const { ANTHROPIC_API_KEY: key, ANTHROPIC_BASE_URL: url, SRE_MODEL: name } = config
  const { language, print } = context
  const lineOf = ({ ability, able, failure }: Tried) => {
    const why = failure === null ? '' : `  ${failure.code}: ${failure.message}`
    return `${(able ? texts.able : texts.unable)[language]}  ${abilities[ability][language]}${why}`
  }
  try {
    const model = connectModel({ key, url, hard: name, cheap: name })
    const checked = await checkModel(model, AbortSignal.timeout(LONGEST_MS))
    const tried = checked.tried.map(({ failure, ...one }) => ({
      ...one,
      failure: failure && { code: failure.code, message: failure.message },
    }))
    if (json) print(JSON.stringify({ ...checked, tried }))
    else for (const line of [...checked.tried.map(lineOf), texts.usage(checked.usage)[language]]) print(line)
    if (checked.tried.some(({ able }) => !able)) throw new CommandError(texts.lacking)
  } catch (error) {
    if (!(error instanceof ModelError)) throw error
    throw new CommandError(texts.failed, { cause: error, details: [`${error.code}: ${error.message}`] })
  }
}
