/** The sentences of a verdict, in both languages. */
import type { Deviation } from './metrics/deviation.ts'
import type { TemplateChange } from './logs/changes.ts'
import { pathText } from './logs/path-text.ts'
import type { Change } from './observations.ts'
import type { Suspect } from './ranking/services.ts'
import { releaseOf } from './release.ts'
import { traceText } from './traces/text.ts'
import type { Text } from './verdict.ts'

const clock = (instant: number): string => new Date(instant).toISOString().slice(11, 19)
const LONGEST_TEMPLATE = 100
const LONGEST_VALUE = 40

const BYTES: readonly [least: number, unit: string][] = [
  [1e12, 'TB'],
  [1e9, 'GB'],
  [1e6, 'MB'],
  [1e3, 'kB'],
]

/** As people write it: 1.01 GB, 18 %, 0.25 s, 30/s. */
export function amount(value: number, unit?: string): string {
  const short = (scaled: number): string => Number(scaled.toPrecision(3)).toString()
  if (unit === '1/s') return `${short(value)}/s`
  if (unit === 'ratio') return `${short(value * 100)} %`
  const [least, named] = (unit === 'bytes' && BYTES.find(([from]) => Math.abs(value) >= from)) || [1, unit]
  return named === undefined || named === '' ? short(value) : `${short(value / least)} ${named}`
}

export const movedText = (one: Deviation): Text => (one.absent ? stoppedText(one) : leveledText(one))

const stoppedText = ({ series, before, during }: Deviation): Text => ({
  en: `${series.service}: ${series.indicator} stopped reporting: ${amount(during)} samples, expected ${amount(before)}`,
  zh: `${series.service}：${series.indicator} 停止回報，樣本數 ${amount(during)}，應有 ${amount(before)}`,
})

const leveledText = (one: Deviation): Text => ({
  en: `${one.series.service}: ${one.series.indicator} went from ${amount(one.before, one.series.unit)} to ${amount(one.during, one.series.unit)}`,
  zh: `${one.series.service}：${one.series.indicator} 從 ${amount(one.before, one.series.unit)} 變為 ${amount(one.during, one.series.unit)}`,
})

const KINDS: Readonly<Record<TemplateChange['kind'], Text>> = {
  appeared: { en: 'new log line', zh: '新出現的日誌' },
  grew: { en: 'more frequent log line', zh: '增加的日誌' },
  vanished: { en: 'log line gone', zh: '不再出現的日誌' },
  shrank: { en: 'less frequent log line', zh: '減少的日誌' },
  silent: { en: 'logs went silent', zh: '不再有任何日誌' },
  parameters: { en: 'log line with changed values', zh: '數值改變的日誌' },
}

export function saidText({ service, template, exception, ...change }: TemplateChange): Text {
  const line = change.kind === 'silent' ? NONE : { en: `: ${cut(template, LONGEST_TEMPLATE)}`, zh: `：${cut(template, LONGEST_TEMPLATE)}` } // prettier-ignore
  const [kind, counted, value] = [KINDS[change.kind], countedText(change), valueText(change.parameter)]
  const [host] = change.hosts ?? []
  const called = host === undefined ? NONE : { en: `, all naming ${host}`, zh: `，皆與 ${host} 有關` }
  const type = exception?.type.split('.').at(-1)
  const at = exception?.frame === undefined ? NONE : { en: ` at ${exception.frame}`, zh: `，位於 ${exception.frame}` } // prettier-ignore
  const by = exception?.cause?.split('.').at(-1)
  const cause = by === undefined ? NONE : { en: `, caused by ${by}`, zh: `，起因為 ${by}` }
  const thrown =
    type === undefined ? NONE : { en: ` (${type}${at.en}${cause.en})`, zh: `（${type}${at.zh}${cause.zh}）` }
  return {
    en: `${service}: ${kind.en}${counted.en}${value.en}${called.en}${line.en}${thrown.en}`,
    zh: `${service}：${kind.zh}${counted.zh}${value.zh}${called.zh}${line.zh}${thrown.zh}`,
  }
}

type Counted = Pick<TemplateChange, 'kind' | 'before' | 'during' | 'expected'>

/** `before` counts the whole baseline, which may be longer than the window; `expected` is scaled to the window. */
function countedText({ kind, before, during, expected }: Counted): Text {
  if (kind === 'parameters') return NONE
  const times = { en: during === 1 ? ', once' : `, ${during} times`, zh: `，${during} 次` }
  if (kind === 'appeared') return times
  return {
    en: `${times.en}, expected ${amount(expected)} (${before} in the baseline)`,
    zh: `${times.zh}，預期 ${amount(expected)} 次（基準時段 ${before} 次）`,
  }
}

function valueText(parameter: TemplateChange['parameter']): Text {
  if (parameter === undefined) return NONE
  const { position, before, during } = parameter
  const shown = (value: number | string): string =>
    typeof value === 'number' ? amount(value) : cut(value, LONGEST_VALUE)
  const [en, zh] = typeof during === 'number' ? ['median of ', '的中位數'] : ['', '']
  const was =
    before === null ? { en: 'different each time', zh: '每次不同' } : { en: shown(before), zh: ` ${shown(before)} ` }
  return {
    en: `, ${en}value ${position + 1} is ${shown(during)}, was ${was.en}`,
    zh: `，第 ${position + 1} 個值${zh}從${was.zh}變為 ${shown(during)}`,
  }
}

const NONE: Text = { en: '', zh: '' }
const cut = (text: string, length: number): string => (text.length > length ? `${text.slice(0, length)}…` : text)

/** For a caller that is slow although none of its callees is slow itself. */
export const waitedText = (service: string, one: Deviation): Text => ({
  en: `its caller is waiting: ${movedText(one).en}, which ${service} or the network path to it may explain`,
  zh: `呼叫端在等待：${movedText(one).zh}，原因可能是 ${service} 或通往它的網路`,
})

const CHANGES: Readonly<Record<string, Text>> = {
  DEPLOYMENT: { en: 'deployment', zh: '部署' },
  CONFIG_UPDATE: { en: 'configuration change', zh: '設定變更' },
  SCALE: { en: 'scaling', zh: '規模調整' },
  COMMIT: { en: 'commit', zh: '提交' },
  ROLLBACK: { en: 'rollback', zh: '退版' },
}

type Changed = Pick<Change, 'type' | 'service' | 'timestamp' | 'summary' | 'detail'>

/** From the structured fields if they name the releases; else the summary, as its author wrote it. */
export function changedText(change: Changed): Text {
  const { type, service, timestamp, summary } = change
  const at = `${clock(timestamp)} UTC`
  const deployed = deployedText(change, at)
  if (deployed !== null) return deployed
  const named = CHANGES[type.toUpperCase()] ?? { en: type, zh: type }
  return {
    en: `${named.en} of ${service || 'an unknown service'} at ${at}: ${summary}`,
    zh: `${service === '' ? '未知服務' : `${service} `}的${named.zh}（${at}）：「${summary}」`,
  }
}

function deployedText(change: Changed, at: string): Text | null {
  const release = releaseOf(change)
  if (release === null) return null
  const { after, before } = release
  return {
    en: `deployment of ${change.service} ${after} at ${at}${before === null ? '' : ` (previously ${before})`}`,
    zh: `部署 ${change.service} ${after}（${at}${before === null ? '' : `，先前為 ${before}`}）`,
  }
}

/** The strongest signal, the change before it, and external hosts that do not answer; the rest is in the findings. */
export function causeText(
  { service, deviations, logs, paths, traces, waits, change }: Suspect,
  outside: readonly string[],
): Text {
  const [clause] = [
    ...deviations.slice(0, 1).map(movedText),
    ...logs.slice(0, 1).map(saidText),
    ...paths.slice(0, 1).map(pathText),
    ...traces.slice(0, 1).map(traceText),
    ...waits.slice(0, 1).map((one) => waitedText(service, one)),
  ]
  if (clause === undefined) return { en: `${service} showed nothing unusual.`, zh: `${service} 沒有異常。` }
  const why = change === null ? null : changedText(change)
  const from = outsideText(outside, change !== null)
  return {
    en: `${clause.en}${why === null ? '' : `, after the ${why.en}`}${from.en}.`,
    zh: `${clause.zh}${why === null ? '' : `，發生在${spaced(why.zh)}之後`}${from.zh}。`,
  }
}

/** Chinese text has a space before a Latin letter or a digit. */
export const spaced = (text: string): string => (/^[!-~]/.test(text) ? ` ${text}` : text)

/** After a change, the change itself may be the reason for the failing calls. */
function outsideText(hosts: readonly string[], isChanged: boolean): Text {
  if (hosts.length === 0) return NONE
  const [en, zh] = [hosts.join(' and '), hosts.join('、')]
  if (isChanged) return { en: `; its calls to ${en} (external) are failing`, zh: `；對外部服務 ${zh} 的呼叫失敗` }
  return { en: `; the cause looks external: ${en}`, zh: `；原因似乎在外部：${zh}` }
}
