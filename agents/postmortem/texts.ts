/** The sentences of a report about times, measurements and the course of events. */
import { outcomes } from '../../postmortem/outcomes.ts'
import type { ServiceImpact, Text } from '../../postmortem/report.ts'
import { both, count, level, moments, percent, utc } from '../../postmortem/words.ts'

export const times = {
  onset: both('the signals began to deviate, according to the diagnosis', '訊號開始偏離的時間（依診斷結果）'),
  incidentBegan: both('start of the incident at the control-plane', '控制平面記錄的事故開始時間'),
  noOnset: both(
    'no diagnosis found an onset, and no incident records a start',
    '沒有診斷找到起始時間，也沒有事故記錄開始時間',
  ),
  asked: (kind: string): Text =>
    kind === 'alert'
      ? both('an alert triggered a diagnosis', '告警觸發診斷')
      : kind === 'deployment'
        ? both('a deployment triggered a diagnosis', '部署觸發診斷')
        : both('a person requested a diagnosis', '有人要求診斷'),
  alerted: both('an alert fired', '告警觸發'),
  notAsked: both('nobody requested a diagnosis', '沒有人要求診斷'),
  acknowledged: both(
    "a person's first decision; no earlier acknowledgement is reported",
    '首次有人作出決定的時間；沒有更早的確認（acknowledge）紀錄',
  ),
  reported: both('a person acknowledged the incident at the control-plane', '有人在控制平面確認（acknowledge）了事故'),
  notAcknowledged: both(
    'no acknowledgement is reported, and nobody has decided anything',
    '沒有確認（acknowledge）紀錄，也沒有人作出決定',
  ),
  diagnosed: both('first diagnosis that found an incident', '第一個判定為事故的診斷'),
  notDiagnosed: both('no diagnosis found an incident', '沒有診斷判定為事故'),
  decided: both('a person approved an action', '有人核准動作'),
  notDecided: both('no action was approved', '沒有核准任何動作'),
  acted: both('an approved action began', '核准的動作開始執行'),
  notActed: both('no action ran', '沒有執行任何動作'),
  helped: both('end of the action that measurably helped', '動作結束，且經量測確認有改善'),
  recovered: both('the signals recovered, according to the diagnosis', '訊號恢復（依診斷結果）'),
  notAllMitigated: both('not every incident is known to be over', '尚有事故不確定是否已結束'),
  notMitigated: both(
    'no action is known to have helped, and no recovery was seen',
    '沒有動作經確認有效，也沒有觀察到恢復',
  ),
  resolved: both('the control-plane closed the incident', '控制平面關閉事故'),
  notResolved: both('not every incident is closed', '尚有事故未關閉'),
  noIncident: both('the sessions belong to no incident', '這些工作階段不屬於任何事故'),
  names: moments,
  backwards: (later: Text, at: string, earlier: Text, before: string): Text =>
    both(
      `contradictory times: ${later.en} at ${at}, before ${earlier.en} at ${before}; the clocks of the sources may differ`,
      `時間互相矛盾：「${later['zh-TW']}」（${at}）早於「${earlier['zh-TW']}」（${before}）；來源的時鐘可能不一致`,
    ),
  endless: (lasted: Text): Text =>
    both(
      `the times span ${lasted.en}: they may belong to different incidents`,
      `時間橫跨 ${lasted['zh-TW']}：可能屬於不同的事故`,
    ),
}

const measured = {
  requests: { name: both('requests were', '請求'), counted: both(', and are not counted', '，未計入') },
  failures: { name: both('failed requests were', '失敗的請求'), counted: both(', and are not counted', '，未計入') },
  latency: { name: both('latency was', '延遲'), counted: both('', '') },
}

export const impact = {
  noOnset: both('the start is unknown, so the impact was not computed', '開始時間不明，因此沒有計算影響'),
  noEnd: both('no end is known: figures count up to the last measurement', '結束時間不明：數字計算到最後一次量測為止'),
  notMeasured: (service: string) =>
    both(`${service}: no measurements during the incident`, `${service}：事故期間沒有量測資料`),
  noRequests: (service: string) => both(`${service}: requests were not measured`, `${service}：沒有量測請求數`),
  noErrors: (service: string) =>
    both(`${service}: failed requests were not measured`, `${service}：沒有量測失敗的請求數`),
  noLatency: (service: string) => both(`${service}: latency was not measured`, `${service}：沒有量測延遲`),
  cutOff: (service: string, at: number) =>
    both(
      `${service}: measured only until ${utc(at)}; what came later is not counted`,
      `${service}：僅量測到 ${utc(at)}，之後的部分未計入`,
    ),
  hole: (service: string, what: keyof typeof measured, from: number, to: number) => {
    const { name, counted } = measured[what]
    return both(
      `${service}: ${name.en} not measured from ${utc(from)} to ${utc(to)}${counted.en}`,
      `${service}：自 ${utc(from)} 至 ${utc(to)} 沒有量測${name['zh-TW']}${counted['zh-TW']}`,
    )
  },
  moreHoles: (service: string, what: keyof typeof measured, many: number) =>
    both(
      `${service}: ${measured[what].name.en} not measured at ${many} more times`,
      `${service}：另有 ${many} 段時間沒有量測${measured[what].name['zh-TW']}`,
    ),
  users: both(
    'how many users were affected: users are not measured, only requests',
    '受影響的使用者人數：只量測請求，沒有量測使用者',
  ),
}

const roles = (names: readonly string[]): Text =>
  names.length === 0
    ? both('a person', '有權限的人員')
    : both(`a person with the role ${names.join(' or ')}`, `具有 ${names.join(' 或 ')} 角色的人員`)

export const timeline = {
  change: (service: string, said: string) =>
    service === ''
      ? both(`change: ${said}`, `變更：${said}`)
      : both(`change of ${service}: ${said}`, `${service} 的變更：${said}`),
  alert: (service: string, said: string) => both(`alert on ${service}: ${said}`, `${service} 的告警：${said}`),
  alertOver: (service: string, said: string) =>
    both(`alert on ${service} resolved: ${said}`, `${service} 的告警解除：${said}`),
  incidentBegan: (said: string) => both(`incident began: ${said}`, `事故開始：${said}`),
  incidentOver: (said: string) => both(`incident closed: ${said}`, `事故關閉：${said}`),
  asked: (kind: string, service: string | null): Text => {
    const who = times.asked(kind)
    return service === null ? who : both(`${who.en} of ${service}`, `${who['zh-TW']}（${service}）`)
  },
  onset: both('onset: the signals began to deviate', '異常起始：訊號開始偏離'),
  diagnosis: (said: Text) => both(`diagnosis: ${said.en}`, `診斷：${said['zh-TW']}`),
  recovered: (service: string) => both(`${service} recovered`, `${service} 恢復`),
  proposed: (title: Text, proposerRole: string | null): Text => {
    if (proposerRole === null) return both(`proposed: ${title.en}`, `提出動作：${title['zh-TW']}`)
    const who = proposerRole === 'machine' ? both('a program', '程式') : roles([proposerRole])
    return both(`${who.en} proposed: ${title.en}`, `${who['zh-TW']}提出動作：${title['zh-TW']}`)
  },
  counted: (names: readonly string[]) =>
    both(`${roles(names).en} approved; a second approval is needed`, `${roles(names)['zh-TW']}核准，還需要第二人核准`),
  decided: (outcome: string, names: readonly string[]) =>
    both(`${roles(names).en} decided: ${outcome}`, `${roles(names)['zh-TW']}決定：${word(outcome)}`),
  closed: (outcome: string, code: string) =>
    both(`approval closed: ${outcome} (${code})`, `核准請求結案：${word(outcome)}（${code}）`),
  acted: (type: string, service: string) =>
    both(`action began: ${type} of ${service}`, `動作開始：${service} 的 ${type}`),
  effect: (outcome: string, effect: string) =>
    both(
      `action ended: ${outcome}; effect: ${effect.replaceAll('_', ' ')}`,
      `動作結束：${word(outcome)}；效果：${word(effect)}`,
    ),
}

const CHINESE: Readonly<Record<string, string>> = {
  ...outcomes,
  open: '仍在進行',
  mitigated: '已緩解',
  resolved: '已解決',
}
export const word = (one: string): string => CHINESE[one] ?? one

const atText = (at: number | null): Text =>
  at === null ? both('', '') : both(`, from ${utc(at)}`, `，自 ${utc(at)} 起`)

export const cause = {
  /** `said`: its summary, `probability`: that it caused the incident; null: unknown */
  change: (service: string, said: string | null, probability: string | null): Text => {
    const what = said === null ? both(`a change of ${service}`, `${service} 的變更`) : both(`change of ${service}: ${said}`, `${service} 的變更：${said}`) // prettier-ignore
    const share = probability === null ? both('', '') : both(` (probability ${probability})`, `（機率 ${probability}）`)
    return both(`trigger: ${what.en}${share.en}`, `觸發：${what['zh-TW']}${share['zh-TW']}`)
  },
  noChange: (share: string) =>
    both(`probably no known change caused it (${share})`, `很可能不是已知的變更造成的（${share}）`),
  mayBe: (change: Text, share: string) =>
    both(
      `a change that may have caused it: ${change.en} (${share})`,
      `可能造成事故的變更：${change['zh-TW']}（${share}）`,
    ),
  moved: (service: string, indicator: string | null, since: number | null): Text => {
    const what =
      indicator === null ? both(service, service) : both(`${indicator} of ${service}`, `${service} 的 ${indicator}`)
    return both(`${what.en} deviated first${atText(since).en}`, `${what['zh-TW']} 最先偏離${atText(since)['zh-TW']}`)
  },
  calls: (caller: string, called: string) =>
    both(`${caller} calls ${called} and was affected by it`, `${caller} 呼叫 ${called}，因此受到影響`),
  candidate: (service: string, said: Text, score: string) =>
    both(`${service} (score ${score}): ${said.en}`, `${service}（分數 ${score}）：${said['zh-TW']}`),
  common: (many: number) => both(`all ${many} diagnoses name the same cause`, `${many} 個診斷都指向相同的原因`),
  different: (services: readonly string[]) =>
    both(
      `no common cause: other diagnoses name ${services.join(', ')}`,
      `沒有共同的原因：其他診斷指向 ${services.join('、')}`,
    ),
  ruledOut: (who: string, why: Text) => both(`${who}: ${why.en}`, `${who}：${why['zh-TW']}`),
  running: both('a session has no diagnosis yet', '有一個工作階段尚未完成診斷'),
  noCause: (verdict: string | null, status: string): Text =>
    verdict === 'nothing_wrong'
      ? both('a diagnosis found nothing wrong', '有一個診斷沒有發現異常')
      : verdict === 'inconclusive'
        ? both('a diagnosis was inconclusive', '有一個診斷無法判定')
        : both(`a session ended without a diagnosis: ${status}`, `有一個工作階段沒有診斷結果：${word(status)}`),
  nobodyAsked: both('nobody requested a diagnosis: the cause is unknown', '沒有人要求診斷：原因不明'),
  notSure: (share: string) =>
    both(`the cause is not established: its probability is ${share}`, `原因尚未確定：機率為 ${share}`),
  didNotHelp: (service: string) =>
    both(
      `the action on ${service} did not help: the cause it was aimed at is in doubt`,
      `對 ${service} 的動作沒有改善狀況：它所針對的原因存疑`,
    ),
}

export const summary = {
  inPeriods: (lasted: Text, many: number) =>
    both(`${lasted.en} in ${many} periods`, `${lasted['zh-TW']}（分 ${many} 段）`),
  nothingBegan: both('Its start and its impact are unknown.', '開始時間與影響均不明。'),
  notMeasured: (began: number, lasted: Text | null) =>
    both(
      `From ${utc(began)}${duration(lasted).en}: requests were not measured.`,
      `自 ${utc(began)} 起${duration(lasted)['zh-TW']}：沒有量測請求。`,
    ),
  /** `until`: the last sample, if the incident went on after it */
  impact: (began: number, lasted: Text | null, one: ServiceImpact, until: number | null): Text => {
    const { en, zh } = felt(one)
    const part = until === null ? both('', '') : both(`; measured only until ${utc(until)}`, `；僅量測到 ${utc(until)}`)
    return both(
      `From ${utc(began)}${duration(lasted).en}, ${one.service} ${en}${part.en}.`,
      `自 ${utc(began)} 起${duration(lasted)['zh-TW']}，${one.service} ${zh}${part['zh-TW']}。`,
    )
  },
  cause: ({ service, text }: { service: string; text: Text }, share: string) =>
    both(
      `The most likely cause (${share}) is ${service}: ${sentence(withoutName(text.en, service))}`,
      `最可能的原因（${share}）是 ${service}：${sentence(withoutName(text['zh-TW'], service), '。')}`,
    ),
  noCause: both('No cause was found.', '沒有找到原因。'),
  helped: (type: string, service: string, status: string) =>
    both(
      `The approved action (${type} of ${service}) measurably helped; ${state(status).en}.`,
      `核准的動作（${service} 的 ${type}）經量測確認有改善；${state(status)['zh-TW']}。`,
    ),
  noIncident: both('No diagnosis found an incident.', '沒有診斷判定為事故。'),
  recovered: (status: string) =>
    both(`It recovered without an action; ${state(status).en}.`, `未執行動作即自行恢復；${state(status)['zh-TW']}。`),
  recoveredAfter: (effect: string, status: string) =>
    both(
      `An approved action ran (effect: ${effect.replaceAll('_', ' ')}), and the signals recovered: whether because of it, is unknown; ${state(status).en}.`,
      `核准的動作已執行（效果：${word(effect)}），之後訊號恢復，但不確定是否因此恢復；${state(status)['zh-TW']}。`,
    ),
  didNotHelp: (effect: string, status: string) =>
    both(
      `The approved action did not end it (${effect.replaceAll('_', ' ')}); ${state(status).en}.`,
      `核准的動作未能結束事故（${word(effect)}）；${state(status)['zh-TW']}。`,
    ),
  status: (status: string) =>
    both(`No action ran; ${state(status).en}.`, `沒有執行任何動作；${state(status)['zh-TW']}。`),
}

/** An explanation may begin with the service, which the sentence has named. */
const withoutName = (text: string, service: string): string =>
  ['：', ': ']
    .map((mark) => `${service}${mark}`)
    .reduce((rest, name) => (rest.startsWith(name) ? rest.slice(name.length) : rest), text)

/** With a stop at its end. */
export const sentence = (text: string, stop = '.'): string => (/[.!?。！？…]$/.test(text) ? text : `${text}${stop}`)

const duration = (lasted: Text | null): Text =>
  lasted === null
    ? both(', with no known end', '（結束時間不明）')
    : both(` for ${lasted.en}`, `持續 ${lasted['zh-TW']}`)

const state = (status: string): Text =>
  status === 'resolved'
    ? both('the incident is resolved', '事故已解決')
    : status === 'mitigated'
      ? both('it is mitigated, but not known to be closed', '事故已緩解，但不確定是否已關閉')
      : status === 'open'
        ? both('it is still open', '事故仍在進行')
        : both('its state is unknown', '狀態不明')

/** Failures, else latency, whichever was measured. */
function felt({ failed_requests: failed, requests, error_ratio: { total, peak }, latency }: ServiceImpact): {
  en: string
  zh: string
} {
  const worst = latency?.worst ?? null
  const slow =
    latency === null || worst === null
      ? null
      : {
          en: `${latency.indicator} rose to ${level(worst.value, latency.unit)}${latency.before === null ? '' : ` (before: ${level(latency.before, latency.unit)})`}`,
          zh: `${latency.indicator} 最高達 ${level(worst.value, latency.unit)}${latency.before === null ? '' : `（之前：${level(latency.before, latency.unit)}）`}`,
        }
  const failing =
    failed !== null && requests !== null && total !== null
      ? {
          en: `failed ${count(failed)} of ${count(requests)} requests (${percent(total)}${peak === null ? '' : `, at worst ${percent(peak.value)}`})`,
          zh: `的 ${count(requests)} 個請求中有 ${count(failed)} 個失敗（${percent(total)}${peak === null ? '' : `，最高 ${percent(peak.value)}`}）`,
        }
      : peak === null
        ? null
        : {
            en: `failed up to ${percent(peak.value)} of its requests; how many is unknown`,
            zh: `的請求失敗比例最高達 ${percent(peak.value)}，請求數不明`,
          }
  const parts = [failing, slow].filter((one) => one !== null)
  if (parts.length === 0 && requests !== null)
    return {
      en: `got ${count(requests)} requests; failures and latency were not measured`,
      zh: `收到 ${count(requests)} 個請求，沒有量測失敗與延遲`,
    }
  if (parts.length === 0)
    return { en: 'was affected; requests and latency were not measured', zh: '受到影響，沒有量測請求與延遲' }
  return { en: parts.map(({ en }) => en).join('; '), zh: parts.map(({ zh }) => zh).join('；') }
}
