/** The sentences of a verdict, in both languages from the same numbers. */
import type { Deviation } from './metrics/deviation.ts'
import type { TemplateChange } from './logs/changes.ts'
import { pathText } from './logs/path-text.ts'
import type { Change } from './observations.ts'
import type { Suspect } from './ranking/services.ts'
import { traceText } from './traces/text.ts'
import type { Text } from './verdict.ts'

const number = (value: number): string => Number(value.toPrecision(3)).toString()
const unitOf = ({ series }: Deviation): string =>
  series.unit === undefined || series.unit === 'ratio' ? '' : ` ${series.unit}`
const clock = (instant: number): string => new Date(instant).toISOString().slice(11, 19)

export const movedText = (one: Deviation): Text => (one.absent ? stoppedText(one) : leveledText(one))

const stoppedText = ({ series, before, during }: Deviation): Text => ({
  en: `${series.service}: ${series.indicator} stopped coming: ${number(during)} samples instead of ${number(before)}`,
  zh: `${series.service}：${series.indicator} 停止回報，樣本數 ${number(during)}，應有 ${number(before)}`,
})

const leveledText = (one: Deviation): Text => ({
  en: `${one.series.service}: ${one.series.indicator} went from ${number(one.before)} to ${number(one.during)}${unitOf(one)}`,
  zh: `${one.series.service}：${one.series.indicator} 從 ${number(one.before)} 變為 ${number(one.during)}${unitOf(one)}`,
})

export const saidText = (one: TemplateChange): Text => ({
  en: `${one.service}: ${one.kind === 'appeared' ? 'new' : 'more frequent'} log line, ${one.during} times: ${one.template.slice(0, 160)}`,
  zh: `${one.service}：${one.kind === 'appeared' ? '新出現的' : '增加的'}日誌，${one.during} 次：${one.template.slice(0, 160)}`,
})

/** What a caller waited, where nothing that it calls was slow by itself. */
export const waitedText = (service: string, one: Deviation): Text => ({
  en: `its caller waits: ${movedText(one).en}, which ${service} or the way to it may explain`,
  zh: `呼叫端在等待：${movedText(one).zh}，原因可能是 ${service} 或通往它的網路`,
})

export const changedText = (change: Change): Text => ({
  en: `${change.type} of ${change.service || 'an unknown service'} at ${clock(change.timestamp)}: ${change.summary}`,
  zh: `${clock(change.timestamp)} ${change.service || '未知服務'} 的 ${change.type}：${change.summary}`,
})

export function causeText({ service, deviations, logs, paths, traces, waits, change }: Suspect): Text {
  const first = deviations[0]
  const moved = first === undefined ? null : movedText(first)
  const said = logs[0] === undefined ? null : saidText(logs[0])
  const requests = [...paths.slice(0, 1).map(pathText), ...traces.slice(0, 1).map(traceText)]
  const waited = waits.slice(0, 1).map((one) => waitedText(service, one))
  const parts = [moved, said, ...requests, ...waited].filter((part) => part !== null)
  if (parts.length === 0) return { en: `${service} showed nothing unusual.`, zh: `${service} 沒有異常。` }
  const why = change === null ? null : changedText(change)
  return {
    en: `${parts.map((part) => part.en).join('; ')}${why === null ? '' : `, after ${why.en}`}.`,
    zh: `${parts.map((part) => part.zh).join('；')}${why === null ? '' : `，發生在 ${why.zh} 之後`}。`,
  }
}
