/** Messages of `sre serve` and `sre migrate`. */
import { both } from '../../gateway/present/texts.ts'

export const serving = {
  database: (why: string) =>
    both(`PostgreSQL (DATABASE_URL) cannot be used: ${why}`, `無法使用 PostgreSQL（DATABASE_URL）：${why}`),
  lab: (why: string) => both(`The lab (LAB_URL) cannot be used: ${why}`, `無法使用 lab（LAB_URL）：${why}`),
  healthPort: (host: string, port: number, code: string) =>
    both(
      `the health port ${host}:${port} cannot be opened (${code}). Choose another, for instance for a second replica on this machine: HEALTH_PORT=N (0 picks a free one), or turn it off: HEALTH_PORT=off`,
      `無法開啟健康檢查連接埠 ${host}:${port}（${code}）。請改用其他連接埠（例如同一台機器上的第二個副本）：HEALTH_PORT=N（0 表示任一可用的連接埠），或關閉：HEALTH_PORT=off`,
    ),
}

export const migrations = {
  done: (schemas: readonly string[]) =>
    both(`The schemas are up to date: ${schemas.join(', ')}.`, `Schema 已是最新：${schemas.join('、')}。`),
}
