/** The sentences of a verdict, in both languages from the same numbers. */
import type { Deviation } from './metrics/deviation.ts'
import type { TemplateChange } from './logs/changes.ts'
import { pathText } from './logs/path-text.ts'
import type { Change } from './observations.ts'
import type { Suspect } from './ranking/services.ts'
import { traceText } from './traces/text.ts'
import type { Text } from './verdict.ts'

const clock = (instant: number): string => new Date(instant).toISOString().slice(11, 19)
const LONGEST_TEMPLATE = 100

const BYTES: readonly [least: number, unit: string][] = [
  [1e12, 'TB'],
  [1e9, 'GB'],
  [1e6, 'MB'],
  [1e3, 'kB'],
]

/** As people write it: 1.01 GB, 18 %, 0.25 s. */
export function amount(value: number, unit?: string): string {
  const short = (scaled: number): string => Number(scaled.toPrecision(3)).toString()
  if (unit === 'ratio') return `${short(value * 100)} %`
  const [least, named] = (unit === 'bytes' && BYTES.find(([from]) => Math.abs(value) >= from)) || [1, unit]
  return named === undefined || named === '' ? short(value) : `${short(value / least)} ${named}`
}

export const movedText = (one: Deviation): Text => (one.absent ? stoppedText(one) : leveledText(one))

const stoppedText = ({ series, before, during }: Deviation): Text => ({
  en: `${series.service}: ${series.indicator} stopped coming: ${amount(during)} samples instead of ${amount(before)}`,
  zh: `${series.service}：${series.indicator} 停止回報，樣本數 ${amount(during)}，應有 ${amount(before)}`,
})

const leveledText = (one: Deviation): Text => ({
  en: `${one.series.service}: ${one.series.indicator} went from ${amount(one.before, one.series.unit)} to ${amount(one.during, one.series.unit)}`,
  zh: `${one.series.service}：${one.series.indicator} 從 ${amount(one.before, one.series.unit)} 變為 ${amount(one.during, one.series.unit)}`,
})

const KINDS: Readonly<Record<TemplateChange['kind'], Text>> = {
  appeared: { en: 'new', zh: '新出現的' },
  grew: { en: 'more frequent', zh: '增加的' },
  vanished: { en: 'no longer a', zh: '消失的' },
  shrank: { en: 'rarer', zh: '減少的' },
  parameters: { en: 'other values in a', zh: '數值改變的' },
}

export function saidText({ service, kind, during, template, exception }: TemplateChange): Text {
  const cut = template.length > LONGEST_TEMPLATE ? `${template.slice(0, LONGEST_TEMPLATE)}…` : template
  const type = exception?.type.split('.').at(-1)
  const at = exception?.frame === undefined ? { en: '', zh: '' } : { en: ` at ${exception.frame}`, zh: `，位於 ${exception.frame}` } // prettier-ignore
  const thrown = type === undefined ? { en: '', zh: '' } : { en: ` (${type}${at.en})`, zh: `（${type}${at.zh}）` }
  return {
    en: `${service}: ${KINDS[kind].en} log line, ${during} times: ${cut}${thrown.en}`,
    zh: `${service}：${KINDS[kind].zh}日誌，${during} 次：${cut}${thrown.zh}`,
  }
}

/** What a caller waited, where nothing that it calls was slow by itself. */
export const waitedText = (service: string, one: Deviation): Text => ({
  en: `its caller waits: ${movedText(one).en}, which ${service} or the way to it may explain`,
  zh: `呼叫端在等待：${movedText(one).zh}，原因可能是 ${service} 或通往它的網路`,
})

const CHANGES: Readonly<Record<string, Text>> = {
  DEPLOYMENT: { en: 'deployment', zh: '部署' },
  CONFIG_UPDATE: { en: 'configuration change', zh: '設定變更' },
  SCALE: { en: 'scaling', zh: '擴縮' },
  COMMIT: { en: 'commit', zh: '提交' },
  ROLLBACK: { en: 'rollback', zh: '回復' },
}

export function changedText({ type, service, timestamp, summary }: Change): Text {
  const named = CHANGES[type.toUpperCase()] ?? { en: type, zh: type }
  return {
    en: `${named.en} of ${service || 'an unknown service'} at ${clock(timestamp)} UTC: ${summary}`,
    zh: `${clock(timestamp)} UTC ${service || '未知服務'} 的${named.zh}：${summary}`,
  }
}

/** What tells most, and the change before it; the rest is among the findings. */
export function causeText({ service, deviations, logs, paths, traces, waits, change }: Suspect): Text {
  const [clause] = [
    ...deviations.slice(0, 1).map(movedText),
    ...logs.slice(0, 1).map(saidText),
    ...paths.slice(0, 1).map(pathText),
    ...traces.slice(0, 1).map(traceText),
    ...waits.slice(0, 1).map((one) => waitedText(service, one)),
  ]
  if (clause === undefined) return { en: `${service} showed nothing unusual.`, zh: `${service} 沒有異常。` }
  const why = change === null ? null : changedText(change)
  return {
    en: `${clause.en}${why === null ? '' : `, after the ${why.en}`}.`,
    zh: `${clause.zh}${why === null ? '' : `，發生在 ${why.zh} 之後`}。`,
  }
}
