/** What `sre record` says, in both languages. */
import { both } from '../../gateway/present/texts.ts'

const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`

export const recording = {
  noSource: both(
    'set at least one source: PROMETHEUS_URL, LOKI_URL or TRACES_URL (docs/reference/configuration.md)',
    '請至少設定一個資料來源：PROMETHEUS_URL、LOKI_URL 或 TRACES_URL（docs/reference/configuration.md）',
  ),
  taken: (dir: string) => both(`${dir} is not empty: choose another folder`, `${dir} 已有內容：請改用其他資料夾`),
  /** `about`: services, or empty */
  answered: ({ tool, operation, summary }: { tool: string; operation: string; summary: string }, about: string) => {
    const what = `${tool} ${operation}${about === '' ? '' : ` (${about})`}`
    return both(`${what}: ${summary}`, `${what}：${summary}`)
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
  missing: (what: string) => both(`not recorded: ${what}`, `未錄到：${what}`),
  next: (dir: string) => both(`Next: npx sre analyze rca ${dir}`, `接著：npx sre analyze rca ${dir}`),
} as const
