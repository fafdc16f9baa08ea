/** A changed request path, as a sentence. */
import type { Text } from '../verdict.ts'
import type { PathChange } from './paths.ts'

export function pathText({ service, kind, given, event, before, during }: PathChange): Text {
  const [was, is] = [before, during].map((share) => `${Math.round(share * 100)} %`)
  const [thing, where] = [short(event), short(given)]
  return {
    en: `${service}: ${is} of the requests that log "${where}" also log "${thing}", was ${was}`,
    zh: `${service}：在「${where}」的請求中，出現「${thing}」的比例從 ${was} ${kind === 'stopped' ? '降為' : '增為'} ${is}`,
  }
}

const short = (text: string): string => (text.length > 100 ? `${text.slice(0, 99)}…` : text)
