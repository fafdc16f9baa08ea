/** What a person reads first: what, since when, because of what, how sure. */
import { percentOf } from '../../analysis/ranking/confidence.ts'
import type { Verdict } from '../../analysis/verdict.ts'

export function summarize(verdict: Verdict): Record<string, string> {
  const cause = verdict.rootCauses[0]
  if (verdict.verdict === 'nothing_wrong') {
    return { en: 'Nothing unusual was found in what was looked at.', 'zh-TW': '在已查看的範圍內沒有發現異常。' }
  }
  if (verdict.verdict === 'inconclusive' || cause === undefined) {
    return { en: 'What was found does not suffice for a conclusion.', 'zh-TW': '目前的證據不足以得出結論。' }
  }
  const sure = percentOf(verdict.confidence)
  const since = verdict.onset === null ? null : new Date(verdict.onset).toISOString().replace(/\.\d+Z$/, 'Z')
  return {
    en: `${cause.service} is the most likely cause${since === null ? '' : ` of a disturbance since ${since}`}. ${cause.explanation.en} Confidence ${sure} %: of answers like this on public incidents, so many were right.`,
    'zh-TW': `最可能的原因是 ${cause.service}${since === null ? '' : `，自 ${since} 起出現異常`}。${cause.explanation.zh} 信心 ${sure}%：在公開事故資料中，類似的答案有此比例正確。`,
  }
}
