/** Messages of `sre anomalies`. */
import { both, type Texts } from '../../gateway/present/texts.ts'
import { plural } from '../texts.ts'

export const watching = {
  phases: new Map<string, Texts>([
    ['opened', both('opened', '開始')],
    ['updated', both('updated', '更新')],
    ['closed', both('closed', '結束')],
  ]),
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
      `${file}: ${plural(values, 'value')} of ${series} series, ${plural(services, 'service')}; ${plural(anomalies, 'anomaly', 'anomalies')}, ${open} still open at the end`,
      `${file}：${services} 個服務、${series} 個序列、${values} 個值；${anomalies} 個異常，結束時仍有 ${open} 個未結束`,
    ),
}

export const listing = {
  lasted: (since: string, until: string) => both(`${since} to ${until}`, `${since} 至 ${until}`),
  more: (count: number) => both(`and ${count} more series`, `另有 ${count} 個序列`),
  joinedTo: (id: string) => both(`part of anomaly ${id}`, `已併入異常 ${id}`),
  diagnosis: (session: string) => both(`diagnosis: npx sre show ${session}`, `診斷：npx sre show ${session}`),
  expectedUntil: (until: string) => both(`expected until ${until}`, `預期至 ${until}`),
  notExpected: (since: string) => both(`not expected since ${since}`, `自 ${since} 起不再預期`),
  undo: (id: string) =>
    both(`to undo it: npx sre anomalies expect ${id} --undo`, `取消：npx sre anomalies expect ${id} --undo`),
  forOrUndo: both('either --for or --undo', '請指定 --for 或 --undo 其中一個'),
  watching: (open: number) =>
    both(`${open} open, watching (Ctrl-C stops) …`, `${open} 個未結束，持續監看（按 Ctrl-C 停止）…`),
  watchesAll: both(
    '--watch prints every change: leave out --state and --page',
    '--watch 會顯示所有變化：請移除 --state 與 --page',
  ),
} as const
