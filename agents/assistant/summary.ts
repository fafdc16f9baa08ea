/** What a person reads first: what, since when, because of what, how sure. */
import { summaryOf } from '../../analysis/summary.ts'
import type { Text, Verdict } from '../../analysis/verdict.ts'

/** What a verdict alone does not say. */
export interface Reserve {
  /** services that are asked about and of which there is nothing; null: something is told of one of them */
  untold?: readonly string[] | null
  /** of names that nobody knows, what may have been meant */
  meant?: readonly Text[]
  /** tools that could not answer what would have shown that something is wrong */
  unasked?: readonly string[]
  /** why nothing is proposed, where something might have been */
  notProposed?: Text | null
}

export function summarize(
  verdict: Verdict,
  { untold = null, meant = [], unasked = [], notProposed = null }: Reserve = {},
): Record<string, string> {
  const texts = [
    ...(untold === null ? [] : [noData(untold), ...meant.map(sentence)]),
    ...(unasked.length > 0 && isUncleared(verdict) ? [unseen(unasked)] : summaryOf(verdict)),
    ...(notProposed === null ? [] : [notProposed]),
  ]
  return { en: texts.map(({ en }) => en).join(' '), 'zh-TW': texts.map(({ zh }) => zh).join('') }
}

/** Nothing was found, and nothing stands; only that not all could be looked at. */
const isUncleared = ({ verdict, standing, findings, rootCauses: [first] }: Verdict): boolean =>
  verdict === 'inconclusive' && standing.length === 0 && findings.every(({ severity }) => severity === 'info') && (first?.score ?? 0) === 0 // prettier-ignore

const unseen = (tools: readonly string[]): Text => ({
  en: `What could be looked at shows nothing unusual, but that clears nobody: ${tools.join(', ')} did not answer in full.`,
  zh: `看得到的資料沒有異常，但無法據此排除問題：${tools.join('、')} 未能完整回答。`,
})

const sentence = ({ en, zh }: Text): Text => ({
  en: `${en.charAt(0).toUpperCase()}${en.slice(1)}${en.endsWith('?') ? '' : '.'}`,
  zh: zh.endsWith('？') ? zh : `${zh}。`,
})

const noData = (services: readonly string[]): Text =>
  services.length === 0
    ? { en: 'Nothing is known of what was asked about (no_data).', zh: '查無所詢問對象的資料（no_data）。' }
    : {
        en: `There is no data of ${services.join(', ')} (no_data).`,
        zh: `沒有 ${services.join('、')} 的資料（no_data）。`,
      }
