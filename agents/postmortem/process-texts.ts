/** Why there is no report, or only a part of one. */
import { both } from '../../postmortem/words.ts'

const LISTED = 10
const listed = (ids: readonly string[], mark: string): string =>
  `${ids.slice(0, LISTED).join(mark)}${ids.length > LISTED ? ' …' : ''}`

export const process = {
  noReport: both('No report', '沒有報告'),
  noIds: both('No report: no incident and no session was named.', '沒有報告：未指明任何事故或工作階段。'),
  tooMany: (many: number, most: number) =>
    both(
      `No report: ${many} incidents and sessions were named; the limit is ${most}.`,
      `沒有報告：指明了 ${many} 個事故與工作階段，上限為 ${most} 個。`,
    ),
  unknown: (ids: readonly string[]) =>
    both(
      `No report: unknown incidents or sessions: ${listed(ids, ', ')}.`,
      `沒有報告：不明的事故或工作階段：${listed(ids, '、')}。`,
    ),
  behind: (events: number) =>
    both(
      `events on the topics that had not been read when the report was written: ${events}`,
      `撰寫報告時，主題上還有 ${events} 個事件尚未讀取`,
    ),
  moreSessions: (many: number) =>
    both(
      `sessions of these incidents beyond the limit, which were not read: ${many}`,
      `這些事故的工作階段超過上限，有 ${many} 個未讀取`,
    ),
  moreEvents: both('events of these sessions beyond the limit were not read', '這些工作階段的事件超過上限，其餘未讀取'),
  noControlPlane: both('there is no control-plane: the state of incidents is unknown', '沒有控制平面：事故的狀態不明'),
  unanswered: (ids: readonly string[]) =>
    both(
      `No report: the control-plane did not answer about ${listed(ids, ', ')}.`,
      `沒有報告：控制平面沒有回應對 ${listed(ids, '、')} 的查詢。`,
    ),
  changesFailed: both(
    'changes: the control-plane did not answer; only those seen by the sessions are listed',
    '變更：控制平面沒有回應，僅列出工作階段看到的變更',
  ),
  shortened: both(
    'the report was too large: entries of the timeline and charts were left out',
    '報告過大：省略部分時間軸與圖表',
  ),
}
