/** What a person reads first: what, since when, because of what, how sure. */
import { summaryOf } from '../../analysis/summary.ts'
import type { Text, Verdict } from '../../analysis/verdict.ts'

/** What a verdict alone does not say. */
export interface Reserve {
  /** services that are asked about and of which there is nothing; null: something is told of one of them */
  untold?: readonly string[] | null
  /** why nothing is proposed, where something might have been */
  notProposed?: Text | null
}

export function summarize(
  verdict: Verdict,
  { untold = null, notProposed = null }: Reserve = {},
): Record<string, string> {
  const texts = [
    ...(untold === null ? [] : [noData(untold)]),
    ...summaryOf(verdict),
    ...(notProposed === null ? [] : [notProposed]),
  ]
  return { en: texts.map(({ en }) => en).join(' '), 'zh-TW': texts.map(({ zh }) => zh).join('') }
}

const noData = (services: readonly string[]): Text =>
  services.length === 0
    ? { en: 'Nothing is known of what was asked about (no_data).', zh: '查無所詢問對象的資料（no_data）。' }
    : {
        en: `There is no data of ${services.join(', ')} (no_data).`,
        zh: `沒有 ${services.join('、')} 的資料（no_data）。`,
      }
