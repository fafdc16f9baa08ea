/** What `sre record` says, in both languages. */
import { inChinese } from '../../agents/tools/notes.ts'
import { type Missing, missingText } from '../../agents/tools/recording/gather.ts'
import { both } from '../../gateway/present/texts.ts'

const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`

const about = (one: Missing) =>
  both(
    missingText(one),
    `${one.tool} ${one.operation}${one.about === '' ? '' : `（${one.about}）`}：${inChinese(one.why)}`,
  )

export const recording = {
  noSource: both(
    'set at least one source: PROMETHEUS_URL, LOKI_URL or TRACES_URL (docs/reference/configuration.md), or start a platform with them here',
    '請至少設定一個資料來源：PROMETHEUS_URL、LOKI_URL 或 TRACES_URL（docs/reference/configuration.md），或以這些變數在此啟動平台',
  ),
  sourcesOf: (dataDir: string, urls: readonly string[]) =>
    both(
      `sources of the platform in ${dataDir}: ${urls.join(', ')}`,
      `使用 ${dataDir} 中平台的資料來源：${urls.join('、')}`,
    ),
  ofTheShop: (dataDir: string) => both(`the shop of the platform in ${dataDir}`, `使用 ${dataDir} 中平台的商店`),
  shopStopped: (dataDir: string) =>
    both(
      `the platform in ${dataDir} has no sources of yours, only its own shop, and does not run: npm start, or set PROMETHEUS_URL, LOKI_URL or TRACES_URL`,
      `${dataDir} 中的平台只有自己的商店，沒有您的資料來源，且未在執行：請執行 npm start，或設定 PROMETHEUS_URL、LOKI_URL 或 TRACES_URL`,
    ),
  secretsNeeded: (dataDir: string, names: readonly string[]) =>
    both(
      `the platform in ${dataDir} uses ${names.join(', ')}, and secrets are not stored: set ${names.length === 1 ? 'it' : 'them'} here too`,
      `${dataDir} 中的平台使用 ${names.join('、')}，而機密不會儲存：請在此處一併設定`,
    ),
  /** `services` begins with `named` */
  chosen: (named: readonly string[], services: readonly string[], leftOut: readonly string[]) => {
    if (named.length === 0) {
      const rest = leftOut.length === 0 ? both('', '') : both(`; ${plural(leftOut.length, 'service')} left out (--service names what to record)`, `；另有 ${leftOut.length} 個服務不錄製（可用 --service 指定要錄製的服務）`) // prettier-ignore
      return both(
        `recording ${plural(services.length, 'service')}: ${services.join(', ')}${rest.en}`,
        `錄製 ${services.length} 個服務：${services.join('、')}${rest['zh-TW']}`,
      )
    }
    const others = services.slice(named.length)
    if (others.length === 0)
      return both(
        `recording ${named.join(', ')}: no other services are known`,
        `錄製 ${named.join('、')}：沒有其他已知的服務`,
      )
    const more = leftOut.length === 0 ? both('', '') : both(`, ${leftOut.length} more distant ones are left out`, `，另有 ${leftOut.length} 個較遠的服務不錄製`) // prettier-ignore
    return both(
      `recording ${named.join(', ')} and ${plural(others.length, 'service')} that may be involved: ${others.join(', ')}${more.en} (--only leaves them out)`,
      `錄製 ${named.join('、')}，以及 ${others.length} 個可能相關的服務：${others.join('、')}${more['zh-TW']}（加上 --only 則不錄製）`,
    )
  },
  unknown: (named: readonly string[], near: readonly string[], known: readonly string[]) =>
    near.length > 0
      ? both(
          `unknown service ${named.join(', ')}; did you mean ${near.join(', ')}? Nothing was recorded.`,
          `沒有 ${named.join('、')} 這個服務；您是指 ${near.join('、')} 嗎？沒有錄製任何資料。`,
        )
      : both(
          `unknown service ${named.join(', ')} (${plural(known.length, 'service')} known: ${known.slice(0, 8).join(', ')}${known.length > 8 ? ', …' : ''}). Nothing was recorded.`,
          `沒有 ${named.join('、')} 這個服務（已知 ${known.length} 個服務：${known.slice(0, 8).join('、')}${known.length > 8 ? '…' : ''}）。沒有錄製任何資料。`,
        ),
  taken: (dir: string) => both(`${dir} is not empty: choose another folder`, `${dir} 已有內容：請改用其他資料夾`),
  /** `about`: services, or empty */
  answered: ({ tool, operation, summary }: { tool: string; operation: string; summary: string }, about: string) => {
    const what = `${tool} ${operation}${about === '' ? '' : ` (${about})`}`
    return both(`${what}: ${summary}`, `${what}：${inChinese(summary)}`)
  },
  nothing: (services: readonly string[]) =>
    both(
      `nothing was recorded: no source has data on ${services.join(', ')}`,
      `沒有錄到任何資料：沒有來源提供 ${services.join('、')} 的資料`,
    ),
  recorded: (
    dir: string,
    counts: Readonly<Record<'series' | 'samples' | 'log_lines' | 'spans' | 'changes', number>>,
    secrets: number,
  ) => {
    const { series, samples, log_lines: lines, spans, changes } = counts
    return both(
      `${dir}: ${plural(series, 'series', 'series')} with ${plural(samples, 'sample')}, ${plural(lines, 'log line')}, ${plural(spans, 'span')}, ${plural(changes, 'change')}; ${plural(secrets, 'secret')} redacted`,
      `${dir}：${series} 個序列、${samples} 個樣本、${lines} 行日誌、${spans} 個 span、${changes} 個變更；已遮蔽 ${secrets} 個機密`,
    )
  },
  about,
  missing: (one: Missing) => both(`not recorded: ${about(one).en}`, `未錄到：${about(one)['zh-TW']}`),
  onlyWhich: both('--only needs --service: which services?', '--only 必須搭配 --service：要錄製哪些服務？'),
  nameThem: both('no source lists its services: name them with --service', '沒有來源能列出服務：請以 --service 指定'),
  next: (dir: string) => both(`Next: npx sre analyze rca ${dir}`, `接著：npx sre analyze rca ${dir}`),
} as const
