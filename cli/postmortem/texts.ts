/** Messages of `sre postmortem`. */
import { both } from '../../gateway/present/texts.ts'

export const postmortem = {
  titles: {
    en: ['ID', 'REQUESTED', 'STATUS', 'DOCUMENT', 'TITLE'],
    'zh-TW': ['編號', '請求時間', '狀態', '文件', '標題'],
  },
  waiting: both('Writing the postmortem …', '正在撰寫事後檢討報告…'),
  takesLonger: (id: string) =>
    both(
      `It is not written yet: \`npx sre postmortem show ${id.slice(-6)}\` prints it later. With --watch, \`sre postmortem\` waits.`,
      `尚未完成：稍後可用 \`npx sre postmortem show ${id.slice(-6)}\` 查看。\`sre postmortem\` 加上 --watch 會等待完成。`,
    ),
  noReport: (why: string | null) => both(why ?? 'there is no report', why ?? '沒有報告'),
  chartsWritten: (many: number, first: string) =>
    both(`charts: ${many}, from ${first}`, `圖表：${many} 張，自 ${first} 起`),
  writtenTo: (file: string) => both(`written to ${file}`, `已寫入 ${file}`),
  notWritten: (file: string, why: string) => both(`cannot write ${file}: ${why}`, `無法寫入 ${file}：${why}`),
}

/** Of `sre postmortem edit`. */
export const editing = {
  header: (title: string) =>
    both(
      `${title}\nChange the state (draft, reviewed, published), the texts, and owner, state (open, done, dropped) and priority of action items.\nAn item without an id is new: type (prevent, mitigate, detect, respond, learn), text, owner. Leave the revision as it is.`,
      `${title}\n可修改狀態（draft、reviewed、published）、文字，以及行動項目的 owner、state（open、done、dropped）與 priority。\n沒有 id 的項目會新增：type（prevent、mitigate、detect、respond、learn）、text、owner。請勿修改 revision。`,
    ),
  notValid: both('the file is not a postmortem to edit', '檔案不是可編輯的事後檢討'),
  unchanged: both('nothing changed', '沒有任何修改'),
  done: (revision: number, state: string) => both(`revision ${revision}, ${state}`, `第 ${revision} 版，${state}`),
  kept: (file: string) => both(`your text is kept in ${file}`, `您的文字保留在 ${file}`),
  noEditor: both(
    'no editor: set VISUAL or EDITOR, or use --print and --file',
    '沒有編輯器：請設定 VISUAL 或 EDITOR，或使用 --print 與 --file',
  ),
  editorFailed: (editor: string) => both(`${editor} failed`, `${editor} 執行失敗`),
  notRead: (file: string, why: string) => both(`cannot read ${file}: ${why}`, `無法讀取 ${file}：${why}`),
}
