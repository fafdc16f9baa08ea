/** Messages of `sre keys`. */
import { both } from '../../gateway/present/texts.ts'

export const keys = {
  created: (kid: string) =>
    both(
      `Key ${kid}. Whoever has this file can sign decisions: keep it as a secret, and delete copies.`,
      `金鑰 ${kid}。持有此檔案者即可簽署決定：請視為機密妥善保管，並刪除副本。`,
    ),
  none: (dir: string) =>
    both(`no key in ${dir}: set DATA_DIR to the data folder of the gateway`, `${dir} 中沒有金鑰：請將 DATA_DIR 設為閘道的資料夾`), // prettier-ignore
  rotated: (count: number) =>
    both(
      `The new key signs from a minute from now; ${count} ${count === 1 ? 'key' : 'keys'} can verify.`,
      `新金鑰一分鐘後開始簽署；共有 ${count} 把金鑰可供驗證。`,
    ),
} as const
