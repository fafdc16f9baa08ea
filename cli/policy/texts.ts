/** Messages of `sre policy`. */
import type { Severity } from '../../analysis/watch/watched.ts'
import { both, type Texts } from '../../gateway/present/texts.ts'
import { wordIn } from '../../gateway/present/words.ts'
import type { Reason } from './explained.ts'

const zh = (severity: Severity): string => wordIn('zh-TW', severity)

const WITHIN = {
  critical: both('within an hour', '在一小時內'),
  warning: both('within a day', '在一天內'),
  info: both('within two weeks', '在兩週內'),
} as const

const only = (indicators: readonly string[] | null) =>
  indicators === null ? both('', '') : both(` (only ${indicators.join(', ')})`, `（只限 ${indicators.join('、')}）`)

/** `until`: of the cool-down */
const REASONS: Readonly<Record<Reason, (until: string) => Texts>> = {
  maintenance: () => both('in maintenance', '維護中'),
  deployment: () => both('just deployed', '剛部署'),
  service: () => both('the policy does not name it', '政策未列出此服務'),
  severity: () => both('not severe enough', '嚴重程度不足'),
  quiet_hours: () => both('quiet hours', '安靜時段'),
  cool_down: (until) => both(`cool-down until ${until}`, `冷卻至 ${until}`),
  per_hour: () => both('the requests of this hour are used up', '這一小時的次數已用完'),
  per_day: () => both('the requests of this day are used up', '這一天的次數已用完'),
}

export const policy = {
  none: both(
    'no policy: anomalies are announced, and none asks for a diagnosis by itself (set POLICY_FILE)',
    '沒有政策：異常只會公告，不會自動要求診斷（請設定 POLICY_FILE）',
  ),
  notNamed: (service: string, services: readonly string[]) =>
    services.length === 0
      ? both(`${service}: announced only; the policy asks for no diagnoses`, `${service}：只公告；政策不要求診斷`)
      : both(
          `${service}: announced only; the policy asks for diagnoses of ${services.join(', ')}`,
          `${service}：只公告；政策只對 ${services.join('、')} 要求診斷`,
        ),
  asks: (service: string, pattern: string | null, least: Severity) => {
    const named = pattern === null || pattern === service ? both('', '') : both(` (${pattern})`, `（${pattern}）`)
    return both(
      `${service}${named.en}: an anomaly of severity ${least} or worse asks for a diagnosis`,
      `${service}${named['zh-TW']}：嚴重程度為「${zh(least)}」以上的異常會要求診斷`,
    )
  },
  forecasts: (least: Severity | null) =>
    least === null
      ? both('forecasts ask for nothing', '預測不會要求診斷')
      : both(
          `so does a forecast that something is full ${WITHIN[least].en}`,
          `預測到資源會${WITHIN[least]['zh-TW']}用盡時，也會要求診斷`,
        ),
  coolDown: (minutes: number) =>
    both(
      `after a request, none about the same service for ${minutes} minutes`,
      `要求診斷後 ${minutes} 分鐘內，不再對同一服務要求診斷`,
    ),
  limits: (hour: number, day: number) =>
    both(`at most ${hour} an hour and ${day} a day, of all services`, `所有服務合計每小時最多 ${hour} 次、每天最多 ${day} 次`), // prettier-ignore
  quiet: (from: string, to: string, zone: string, least: Severity | null) =>
    both(
      `from ${from} to ${to} (${zone}): ${least === null ? 'none' : `only severity ${least} or worse`}`,
      `${from} 至 ${to}（${zone}）：${least === null ? '不要求診斷' : `只有「${zh(least)}」以上才要求診斷`}`,
    ),
  inMaintenance: (until: string, indicators: readonly string[] | null) =>
    both(
      `in maintenance until ${until}: not announced${only(indicators).en}`,
      `維護中，至 ${until} 為止：不公告${only(indicators)['zh-TW']}`,
    ),
  nextMaintenance: (from: string, to: string, indicators: readonly string[] | null) =>
    both(
      `next maintenance from ${from} to ${to}${only(indicators).en}`,
      `下次維護：${from} 至 ${to}${only(indicators)['zh-TW']}`,
    ),
  deployments: (minutes: number, least: Severity) =>
    both(
      `after a deployment, an anomaly less severe than ${least} is announced only if it lasts longer than ${minutes} minutes`,
      `部署後 ${minutes} 分鐘內，嚴重程度低於「${zh(least)}」的異常須持續到那之後才會公告`,
    ),
  deployed: (at: string, until: string, least: Severity) =>
    both(
      `deployed at ${at}: what is less severe than ${least} waits until ${until}`,
      `已於 ${at} 部署：嚴重程度低於「${zh(least)}」的異常等到 ${until}`,
    ),
  asked: (hour: number, perHour: number, day: number, perDay: number) =>
    both(
      `asked so far, of all services: ${hour} of ${perHour} in the last hour, ${day} of ${perDay} in the last 24 hours`,
      `所有服務目前合計：最近一小時 ${hour}／${perHour} 次，最近 24 小時 ${day}／${perDay} 次`,
    ),
  would: (severity: Severity) =>
    both(`now: severity ${severity} would ask`, `現在：嚴重程度「${zh(severity)}」會要求診斷`),
  wouldNot: (severity: Severity, why: Reason, until: string) => {
    const reason = REASONS[why](until)
    return both(
      `now: severity ${severity} would not ask: ${reason.en}`,
      `現在：嚴重程度「${zh(severity)}」不會要求診斷：${reason['zh-TW']}`,
    )
  },
  unknown: (why: Texts) =>
    both(
      `not known: what was asked so far, and deployments: ${why.en}`,
      `無法得知目前已要求的次數與部署：${why['zh-TW']}`,
    ),
  noDatabase: both(
    'DATABASE_URL is not set, and no platform was started here',
    '未設定 DATABASE_URL，此處也沒有啟動過平台',
  ),
  noOwner: both('the service belongs to no tenant', '此服務不屬於任何租戶'),
  noAnswer: (why: string) => both(`the database did not answer: ${why}`, `資料庫沒有回應：${why}`),
}
