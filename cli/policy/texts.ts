/** Messages of `sre policy`. */
import type { Severity } from '../../analysis/watch/watched.ts'
import { both } from '../../gateway/present/texts.ts'
import { wordIn } from '../../gateway/present/words.ts'

const zh = (severity: Severity): string => wordIn('zh-TW', severity)

const WITHIN = {
  critical: both('within an hour', '在一小時內'),
  warning: both('within a day', '在一天內'),
  info: both('within two weeks', '在兩週內'),
} as const

export const policy = {
  none: both(
    'no policy: anomalies are announced, and none asks for a diagnosis by itself (set POLICY_FILE)',
    '沒有政策：異常只會公告，不會自動要求診斷（請設定 POLICY_FILE）',
  ),
  notNamed: (service: string, services: readonly string[]) =>
    both(
      `${service}: announced only; the policy asks for diagnoses of ${services.join(', ')}`,
      `${service}：只公告；政策只對 ${services.join('、')} 要求診斷`,
    ),
  asks: (service: string, least: Severity) =>
    both(
      `${service}: an anomaly of severity ${least} or worse asks for a diagnosis`,
      `${service}：嚴重程度為「${zh(least)}」以上的異常會要求診斷`,
    ),
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
}
