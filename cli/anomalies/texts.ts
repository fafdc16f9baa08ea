/** Messages of `sre anomalies`. */
import { both } from '../../gateway/present/texts.ts'

export const watching = {
  phases: {
    opened: both('opened', '開始'),
    updated: both('updated', '更新'),
    closed: both('closed', '結束'),
  },
  with: (services: readonly string[]) => both(`with ${services.join(', ')}`, `連同 ${services.join('、')}`),
  since: (time: string) => both(`since ${time}`, `始於 ${time}`),
  expected: (lower: string, upper: string) => both(`expected ${lower} to ${upper}`, `預期 ${lower} 至 ${upper}`),
  seen: ({
    file,
    services,
    series,
    values,
    anomalies,
    open,
  }: Record<'services' | 'series' | 'values' | 'anomalies' | 'open', number> & { file: string }) =>
    both(
      `${file}: ${values} values of ${series} series, ${services} services; ${anomalies} anomalies, ${open} still open at the end`,
      `${file}：${services} 個服務、${series} 個序列、${values} 個值；${anomalies} 個異常，結束時仍有 ${open} 個未結束`,
    ),
}
