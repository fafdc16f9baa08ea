/** Messages of `sre postmortem`. */
import { both } from '../../gateway/present/texts.ts'

export const postmortem = {
  titles: { en: ['ID', 'REQUESTED', 'STATUS', 'TITLE'], 'zh-TW': ['編號', '請求時間', '狀態', '標題'] },
  waiting: both('Writing the postmortem …', '正在撰寫事後檢討報告…'),
  takesLonger: (id: string) =>
    both(
      `It is not written yet: \`npx sre postmortem show ${id.slice(-6)}\` prints it later. With --watch, \`sre postmortem\` waits.`,
      `尚未完成：稍後可用 \`npx sre postmortem show ${id.slice(-6)}\` 查看。\`sre postmortem\` 加上 --watch 會等待完成。`,
    ),
  noReport: (why: string | null) => both(why ?? 'there is no report', why ?? '沒有報告'),
  writtenTo: (file: string) => both(`written to ${file}`, `已寫入 ${file}`),
  notWritten: (file: string, why: string) => both(`cannot write ${file}: ${why}`, `無法寫入 ${file}：${why}`),
}
