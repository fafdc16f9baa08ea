/** What is wrong with a request, field by field: the first of it, for an answer is read by a person and must stay small. */
import { createRequire } from 'node:module'
import type { FastifyError } from 'fastify'
import { visible } from '../schemas/visible.ts'
import type { Detail } from './errors.ts'
import { both, refusals } from './present/texts.ts'

const MOST = 20
const LONGEST = 200

/** The first twenty things that are wrong, then how many more. */
export function shortened<T>(wrong: readonly T[], detail: (one: T) => Detail): Detail[] {
  const told = wrong.slice(0, MOST).map(detail)
  return wrong.length > MOST ? [...told, { message: refusals.more(wrong.length - MOST) }] : told
}

/** What somebody else wrote, as an answer may repeat it. */
export const repeated = (text: string): string => visible(text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text)

export type Wrong = NonNullable<FastifyError['validation']>[number]

/** Keyword of the entry that stands for what was not looked at any more. */
export const STOPPED = 'stopped'

// its types describe a module it is not
const inChinese: (wrong: Wrong[]) => void = createRequire(import.meta.url)('ajv-i18n/localize/zh-TW')

/** Details of what the schema of `part` refused. */
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
