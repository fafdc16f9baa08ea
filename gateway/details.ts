/** Errors of a request by field. Only the first ones are listed, to keep the response readable. */
import { createRequire } from 'node:module'
import type { FastifyError } from 'fastify'
import { visible } from '../schemas/visible.ts'
import type { Detail } from './errors.ts'
import { both, refusals } from './present/texts.ts'

const MOST = 20
const LONGEST = 200

/** The first twenty errors, then the number of further ones. */
export function shortened<T>(wrong: readonly T[], detail: (one: T) => Detail): Detail[] {
  const told = wrong.slice(0, MOST).map(detail)
  return wrong.length > MOST ? [...told, { message: refusals.more(wrong.length - MOST) }] : told
}

/** Client input as a response may repeat it: cut, and invisible characters escaped. */
export const repeated = (text: string): string => visible(text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text)

export type Wrong = NonNullable<FastifyError['validation']>[number]

/** Keyword of the entry that says the check stopped early. */
export const STOPPED = 'stopped'

// its type declarations do not match its export
const inChinese: (wrong: Wrong[]) => void = createRequire(import.meta.url)('ajv-i18n/localize/zh-TW')

/** Details of the errors that schema validation found in `part`. */
export const detailsOf = (part: string, wrong: readonly Wrong[]): Detail[] => shortened(wrong, (one) => of(part, one))

function of(part: string, one: Wrong): Detail {
  if (one.keyword === STOPPED) return { message: refusals.stopped }
  const chinese = structuredClone(one)
  inChinese([chinese])
  const { instancePath, keyword, message = keyword, params } = one
  const { additionalProperty: name } = params
  const tell = (text: string) => (name === undefined ? text : `${text}: ${repeated(String(name))}`)
  return {
    field: repeated([part, ...instancePath.split('/').slice(1)].join('.')),
    message: both(tell(message), tell(chinese.message ?? message)),
  }
}
