/** The sentences of the lessons and of the action items. */
import type { Text } from '../../postmortem/report.ts'
import { both } from '../../postmortem/words.ts'

export const lessons = {
  detectedSoon: (after: Text) => both(`it was detected ${after.en} after it began`, `開始後 ${after['zh-TW']}即偵測到`),
  detectedLate: (after: Text) =>
    both(`it was detected only ${after.en} after it began`, `開始後 ${after['zh-TW']}才偵測到`),
  diagnosedSoon: (after: Text) =>
    both(`the diagnosis stood ${after.en} after the detection`, `偵測後 ${after['zh-TW']}即完成診斷`),
  noAlert: both('no alert fired: a person asked first', '沒有告警觸發：由人員先提問'),
  helpedAtOnce: both('the first action helped', '第一個動作就有改善'),
  sure: (share: string) => both(`the diagnosis was clear (${share})`, `診斷明確（${share}）`),
  waited: (ms: Text) => both(`an approval waited ${ms.en} for a decision`, `核准等待決定長達 ${ms['zh-TW']}`),
  failed: (outcome: string) =>
    outcome === 'failed'
      ? both('an approved action failed', '有核准的動作失敗')
      : both('it is unknown whether an approved action ran', '不知道核准的動作是否已執行'),
  worse: both('an approved action made it worse', '有核准的動作使情況惡化'),
  noChange: both('an approved action changed nothing', '有核准的動作沒有效果'),
  undecided: (outcome: string) =>
    outcome === 'expired'
      ? both('an approval expired before anybody decided', '有核准在決定之前逾期')
      : both('a decision was refused by the executor', '有決定被執行器駁回'),
  sourceDown: (tool: string, times: number) =>
    both(`${tool} did not answer ${times} of the queries`, `${tool} 有 ${times} 次查詢沒有回答`),
  before: (many: number) =>
    both(`${many} earlier incidents of these services are on record`, `這些服務先前有 ${many} 個事故記錄`),
  notFound: both('no diagnosis found the cause', '沒有診斷找到原因'),
  recoveredAlone: both(
    'it recovered without an action: it might have lasted',
    '在沒有動作的情況下恢復：原本可能持續更久',
  ),
  fewErrors: (service: string, peak: string) =>
    both(`few requests to ${service} failed (at worst ${peak})`, `${service} 失敗的請求很少（最高 ${peak}）`),
}

export const items = {
  checkRollouts: (service: string) =>
    both(
      `Compare errors and latency of ${service} with the release before while a rollout reaches only a part of the traffic, and stop it if they are worse`,
      `${service} 的發布先只涵蓋部分流量，與前一版比較錯誤與延遲，惡化時停止發布`,
    ),
  removeCause: (service: string) =>
    both(`Remove the cause in ${service}, or limit what it can reach`, `排除 ${service} 中的原因，或限制其影響範圍`),
  alertSooner: (service: string) =>
    both(
      `Alert sooner on ${service}: the signals deviated long before the alert`,
      `讓 ${service} 更早告警：訊號在告警之前已偏離許久`,
    ),
  addAlert: (service: string) =>
    both(`Add an alert on what users feel of ${service}`, `為 ${service} 新增使用者可感受指標的告警`),
  decideSooner: both(
    'Shorten the way to a decision: page those who may decide, or lower the risk of the action',
    '縮短決定的時間：通知可核准的人員，或降低動作的風險',
  ),
  reachDecider: both(
    'Make sure that somebody who may decide is reached before an approval expires',
    '確保核准逾期之前能聯絡到可核准的人員',
  ),
  whyRefused: both('Find out why the decision did not count', '查明決定為何無效'),
  rehearse: (service: string) =>
    both(
      `Try the action on ${service} where nothing depends on it, and write down when it helps`,
      `在不影響正式環境的地方演練 ${service} 的動作，並記錄適用的情況`,
    ),
  repairAction: (service: string) =>
    both(`Repair the action on ${service}, and run it regularly`, `修復 ${service} 的動作，並定期演練`),
  prepare: (service: string) =>
    both(
      `Prepare an action for ${service}, should it not recover by itself next time`,
      `為 ${service} 準備動作，以防下次無法自行恢復`,
    ),
  keepSource: both(
    'Keep the source that did not answer available during incidents',
    '確保沒有回答的資料來源在事故期間可用',
  ),
  compare: (service: string) =>
    both(
      `Compare with the earlier incidents of ${service}: were their action items done?`,
      `與 ${service} 先前的事故比較：當時的行動項目是否完成？`,
    ),
  measureMore: (service: string) =>
    both(
      `Measure more of ${service}: the diagnosis had too little to find the cause`,
      `增加 ${service} 的量測：診斷的資料不足以找到原因`,
    ),
  confirmCause: both('Confirm or refute the cause, and correct this report', '確認或推翻原因，並更正本報告'),
  diagnose: both('Request a diagnosis for the time of the incident', '針對事故期間要求診斷'),
}
