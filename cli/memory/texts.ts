/** Messages of `sre memory`. */
import { both } from '../../gateway/present/texts.ts'
import type { Ingested } from '../../memory/ingest.ts'
import { plural } from '../texts.ts'

export const texts = {
  progress: (done: number, of: number, source: string) =>
    both(`${done} of ${of} files: ${source}`, `${of} 個檔案中的第 ${done} 個：${source}`),
  ingested: ({ files, added, unchanged, removed }: Ingested) =>
    both(
      `${plural(files, 'file')}: ${plural(added, 'section')} added, ${unchanged} unchanged, ${removed} removed`,
      `${files} 個檔案：新增 ${added} 段，${unchanged} 段不變，移除 ${removed} 段`,
    ),
  notIngested: both('nothing was ingested:', '未匯入任何內容：'),
  nothing: (count: number) =>
    count === 0
      ? both(
          'the memory is empty: bring runbooks in with sre memory ingest',
          '記憶是空的：請以 sre memory ingest 匯入 runbook',
        )
      : both(`none of ${plural(count, 'entry', 'entries')} matches`, `${count} 筆中沒有符合的內容`),
  unknown: (what: string) => both(`the memory has no ${what}`, `記憶中沒有 ${what}`),
  whatToForget: both('name entries or sources, or --all', '請指定條目或來源，或 --all'),
  sure: (count: number) => both(`Remove ${plural(count, 'entry', 'entries')}?`, `移除 ${count} 筆？`),
  sureOfAll: (tenant: string) => both(`Remove everything of ${tenant}?`, `移除 ${tenant} 的所有內容？`),
  needsYes: both('without a terminal, --yes is needed', '沒有終端機時需要 --yes'),
  nothingRemoved: both('nothing was removed', '未移除任何內容'),
  removed: (count: number) => both(`${plural(count, 'entry', 'entries')} removed`, `已移除 ${count} 筆`),
  removedAll: (tenant: string) => both(`everything of ${tenant} removed`, `已移除 ${tenant} 的所有內容`),
  collections: {
    incident_history: both('incident', '事故'),
    runbook_library: both('runbook', 'runbook'),
    postmortem_archive: both('postmortem', '事後檢討'),
  },
  services: (names: readonly string[]) => both(`services: ${names.join(', ')}`, `服務：${names.join('、')}`),
}
