/** The title of a report, and what it could not read. */
import { both } from '../../postmortem/words.ts'

export const report = {
  titled: (title: string, others: number) =>
    others === 0 ? both(title, title) : both(`${title} (and ${others} more)`, `${title}（另有 ${others} 個事故）`),
  title: (service: string, incidents: number) =>
    incidents > 1
      ? both(`${incidents} incidents around ${service}`, `${service} 相關的 ${incidents} 個事故`)
      : both(`Incident of ${service}`, `${service} 的事故`),
  untitled: both('Incident without a named service', '未指明服務的事故'),
  unreadIncident: (id: string) =>
    both(
      `incident ${id}: the control-plane could not be asked, or does not know it`,
      `事故 ${id}：無法查詢控制平面，或控制平面沒有這個事故`,
    ),
  noSession: both(
    'it has no session: there is no diagnosis and no measurement',
    '沒有相關的工作階段：沒有診斷，也沒有量測資料',
  ),
  downsampled: (many: number) =>
    both(
      `tool answers that were downsampled in their events: ${many}; peaks may be too low, and totals are approximate`,
      `${many} 筆工具回覆在事件中已降低取樣：尖峰可能偏低，總數為近似值`,
    ),
  unread: (many: number) =>
    both(
      `samples beyond the limit of a series, which were not read: ${many}`,
      `有 ${many} 個樣本超過單一序列的上限，未讀取`,
    ),
  unreadable: (many: number) => both(`tool answers that could not be read: ${many}`, `${many} 筆工具回覆無法讀取`),
  noDiagnosis: both('no diagnosis found an incident: the cause is unknown', '沒有診斷判定為事故：原因不明'),
}
