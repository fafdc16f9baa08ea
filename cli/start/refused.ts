/** Messages for a refused start: the reason and what to do. */
import type { Refusal } from '../../embedded/start-refused.ts'
import { both, type Texts } from '../../gateway/present/texts.ts'

const ANOTHER = 'npx sre start --data DIR --port N'

export function refused(refusal: Refusal): Texts {
  switch (refusal.code) {
    case 'taken':
      return taken(refusal)
    case 'port':
      return portTaken(refusal)
    case 'barred':
      return barred(refusal)
  }
}

function taken({ dataDir, holder }: Extract<Refusal, { code: 'taken' }>): Texts {
  if (holder === null)
    return both(
      `a platform is already starting in ${dataDir}. To run another one: ${ANOTHER}`,
      `已有平台正在 ${dataDir} 中啟動。若要同時執行另一個：${ANOTHER}`,
    )
  const { pid, url } = holder
  const since = new Date(holder.since).toISOString().replace(/\.\d+Z$/, 'Z')
  return both(
    `a platform is already running in ${dataDir}: process ${pid}, since ${since}, ${url ?? 'still starting'}. Use that one${url === null ? '' : ` (${url})`}, stop it (kill ${pid}), or run another one: ${ANOTHER}`,
    `${dataDir} 中已有平台在執行：程序 ${pid}，自 ${since} 起，${url ?? '仍在啟動中'}。請使用該平台、將其停止（kill ${pid}），或同時執行另一個：${ANOTHER}`,
  )
}

function portTaken({ part, port, reason }: Extract<Refusal, { code: 'port' }>): Texts {
  const why =
    reason === 'EACCES'
      ? both(`this account may not open port ${port}`, `此帳號無權使用連接埠 ${port}`)
      : both(`port ${port} is in use by another program`, `連接埠 ${port} 已被其他程式使用`)
  const another = { gateway: '--port N, GATEWAY_PORT=N', 'control-plane': 'CONTROL_PLANE_PORT=N', 'identity provider': null, redirect: 'GATEWAY_REDIRECT_PORT=N', lab: 'LAB_PORT=N' }[part] // prettier-ignore
  if (another !== null)
    return both(
      `${why.en}. Choose another: ${another} (0 picks a free one)`,
      `${why['zh-TW']}。請改用其他連接埠：${another}（0 表示任一可用的連接埠）`,
    )
  return both(
    `${why.en}, and the identity provider of this data folder is bound to it. Stop that program, or start in another folder: ${ANOTHER}`,
    `${why['zh-TW']}，而此資料夾的身分提供者必須使用它。請停止該程式，或改用其他資料夾啟動：${ANOTHER}`,
  )
}

function barred({ account, dir, holds }: Extract<Refusal, { code: 'barred' }>): Texts {
  const runs = both(
    `PostgreSQL runs as the account ${account} instead of root, and that account cannot access ${dir}`,
    `PostgreSQL 以帳號 ${account} 而非 root 執行，該帳號無權進入 ${dir}`,
  )
  const pass = `chmod o+x ${dir}`
  return holds === 'data'
    ? both(
        `${runs.en}. Keep the data in a folder it can access (npx sre start --data DIR), or grant access: ${pass}`,
        `${runs['zh-TW']}。請將資料放在它能進入的資料夾（npx sre start --data DIR），或開放權限：${pass}`,
      )
    : both(
        `${runs.en}, where this project is installed. Install it where that account has access, grant access (${pass}), or use your own database: DATABASE_URL=…`,
        `${runs['zh-TW']}，而本專案安裝在其中。請安裝到該帳號能進入的位置、開放權限（${pass}），或使用自己的資料庫：DATABASE_URL=…`,
      )
}
