/** Messages of `sre postmortem`. */
import { both } from '../../gateway/present/texts.ts'

export const postmortem = {
  waiting: both('Writing the postmortem …', '正在撰寫事後檢討報告…'),
  takesLonger: (id: string) =>
    both(
      `It is not written yet: GET /api/v1/postmortems/${id} returns it later. With --watch, this command waits.`,
      `尚未完成：稍後可由 GET /api/v1/postmortems/${id} 取得。加上 --watch 會等待完成。`,
    ),
  noReport: (why: string | null) => both(why ?? 'there is no report', why ?? '沒有報告'),
  writtenTo: (file: string) => both(`written to ${file}`, `已寫入 ${file}`),
  notWritten: (file: string, why: string) => both(`cannot write ${file}: ${why}`, `無法寫入 ${file}：${why}`),
}
