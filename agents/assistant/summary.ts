/** What a person reads first: symptom, onset, cause, confidence. */
import { summaryOf } from '../../analysis/summary.ts'
import type { Text, Verdict } from '../../analysis/verdict.ts'

/** Caveats beyond the verdict. */
export interface Reserve {
  /** requested services without any data; null: at least one has data */
  untold?: readonly string[] | null
  /** suggestions for unknown names */
  meant?: readonly Text[]
  /** tools that could have shown a fault but did not answer */
  unasked?: readonly string[]
  /** why a possible action is not proposed */
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

/** Nothing was found, but not every source answered. */
const isUncleared = ({ verdict, standing, findings, rootCauses: [first] }: Verdict): boolean =>
  verdict === 'inconclusive' && standing.length === 0 && findings.every(({ severity }) => severity === 'info') && (first?.score ?? 0) === 0 // prettier-ignore

const unseen = (tools: readonly string[]): Text => ({
  en: `Nothing unusual in the data available, but this is no all-clear: ${tools.join(', ')} did not answer in full.`,
  zh: `現有資料沒有異常，但不足以排除問題：${tools.join('、')} 未能完整回答。`,
})

const sentence = ({ en, zh }: Text): Text => ({
  en: `${en.charAt(0).toUpperCase()}${en.slice(1)}${en.endsWith('?') ? '' : '.'}`,
  zh: zh.endsWith('？') ? zh : `${zh}。`,
})

const noData = (services: readonly string[]): Text =>
  services.length === 0
    ? { en: 'There is no data for this request.', zh: '查無所詢問對象的資料。' }
    : {
        en: `There is no data for ${services.join(', ')}.`,
        zh: `沒有 ${services.join('、')} 的資料。`,
      }
