import { both, deciding } from '../../gateway/present/texts.ts'

export const approvals = {
  fields: {
    en: { parameters: 'parameters', onlyWhile: 'only if still', none: 'none', verified: 'verified by', undo: 'undo', undoes: 'undoes approval' }, // prettier-ignore
    'zh-TW': { parameters: '參數', onlyWhile: '僅在此狀態下執行', none: '無', verified: '驗證指標', undo: '復原方式', undoes: '復原的核准項目' }, // prettier-ignore
  },
  until: (moment: string) => both(`open until ${moment}`, `${moment} 前有效`),
  written: (title: string, reason: string) =>
    both(`note by the assistant: “${title}” “${reason}”`, `助理的說明：「${title}」「${reason}」`),
  /** `who`: the person or program that proposed it */
  proposed: (who: string, reason: string) => both(`proposed by ${who}: “${reason}”`, `提出者 ${who}：「${reason}」`),
  /** `other`: the approval that this one joined */
  decideOn: (other: string) =>
    both(
      `approval ${other} proposes the same action and counts for both: decide on that one (npx sre approvals)`,
      `核准 ${other} 已提出相同的動作，其結果同時適用：請改為決定該項（npx sre approvals）`,
    ),
  anotherNext: (decision: string, count: number, needed: number) =>
    both(
      `${decision}: ${deciding.given(count, needed).en}; another person still has to approve`,
      `${decision}：${deciding.given(count, needed)['zh-TW']}，還需要另一個人核准`,
    ),
} as const
