/** What a person reads first: what, since when, because of what, how sure. */
import { percentOf } from '../../analysis/ranking/confidence.ts'
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
  const said = sentence(verdict)
  const texts = [...(untold === null ? [] : [noData(untold)]), said, ...(notProposed === null ? [] : [notProposed])]
  return { en: texts.map(({ en }) => en).join(' '), 'zh-TW': texts.map(({ zh }) => zh).join('') }
}

const noData = (services: readonly string[]): Text =>
  services.length === 0
    ? { en: 'Nothing is known of what was asked about (no_data).', zh: '查無所詢問對象的資料（no_data）。' }
    : {
        en: `There is no data of ${services.join(', ')} (no_data).`,
        zh: `沒有 ${services.join('、')} 的資料（no_data）。`,
      }

function sentence(verdict: Verdict): Text {
  const cause = verdict.rootCauses[0]
  if (verdict.verdict === 'nothing_wrong') {
    return { en: 'Nothing unusual was found in what was looked at.', zh: '在已查看的範圍內沒有發現異常。' }
  }
  if (verdict.verdict === 'inconclusive' || cause === undefined) {
    return { en: 'What was found does not suffice for a conclusion.', zh: '目前的證據不足以得出結論。' }
  }
  const sure = percentOf(verdict.confidence)
  const since = verdict.onset === null ? null : new Date(verdict.onset).toISOString().replace(/\.\d+Z$/, 'Z')
  return {
    en: `${cause.service} is the most likely cause${since === null ? '' : ` of a disturbance since ${since}`}. ${cause.explanation.en} Confidence ${sure} %: of answers like this on public incidents, so many were right.`,
    zh: `最可能的原因是 ${cause.service}${since === null ? '' : `，自 ${since} 起出現異常`}。${cause.explanation.zh} 信心 ${sure}%：在公開事故資料中，類似的答案有此比例正確。`,
  }
}
