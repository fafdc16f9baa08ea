/** What the command line says to people, in both languages. Help and the errors of usage are English, as their names are. */
import { both } from '../gateway/present/texts.ts'

const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`

export const login = {
  noPlatform: (dataDir: string, needed: readonly string[]) =>
    both(
      `no platform is running in ${dataDir}: start one with \`npm start\`, or set ${needed.join(' and ')}`,
      `${dataDir} 中沒有執行中的平台：請以 \`npm start\` 啟動，或設定 ${needed.join(' 與 ')}`,
    ),
  notReadable: (file: string, why: string) =>
    both(`${file} cannot be read: ${why}; sign in or start again to write it anew`, `無法讀取 ${file}：${why}；請重新登入或重新啟動以重寫`), // prettier-ignore
  noUrl: (name: string, given: string) =>
    both(`${name} must be an http(s) URL, not ${given}`, `${name} 必須是 http(s) URL，而不是 ${given}`),
  together: both('--username and --password-stdin go together', '--username 與 --password-stdin 必須一起使用'),
  noPassword: both('no password came on standard input', '標準輸入中沒有密碼'),
  open: (here: string) =>
    both(
      `open this address to sign in (the answer comes back to ${here}):`,
      `請開啟此網址登入（結果將送回 ${here}）：`,
    ),
  nobodyCame: both('nobody signed in: run `npx sre login` again', '沒有人登入：請再次執行 `npx sre login`'),
  signedIn: (who: string, roles: readonly string[]) =>
    both(`signed in as ${who} (${roles.join(', ') || 'no roles'})`, `已登入：${who}（${roles.join('、') || '沒有角色'}）`), // prettier-ignore
  notTakenBack: (issuer: string, why: string) =>
    both(
      `what ${issuer} granted could not be taken back and ends by itself: ${why}`,
      `無法收回 ${issuer} 的授權，該授權將自行到期：${why}`,
    ),
  signedOut: both('signed out here', '已在此登出'),
  nobody: both('nobody is signed in here: run `npx sre login` first', '此處尚未登入：請先執行 `npx sre login`'),
  expired: both('the sign-in has expired: run `npx sre login` again', '登入已過期：請再次執行 `npx sre login`'),
  issuerAway: (issuer: string, why: string) =>
    both(`the issuer ${issuer} cannot be asked: ${why}`, `無法查詢身分提供者 ${issuer}：${why}`),
} as const

export const gateway = {
  away: (url: string, why: string) =>
    both(`the gateway ${url} cannot be reached: ${why}`, `無法連線到閘道 ${url}：${why}`),
  noEvents: both('the gateway sent no events', '閘道沒有送出事件'),
  strange: (status: number, text: string) =>
    both(`the gateway answered ${status}: ${text}`, `閘道回覆 ${status}：${text}`),
  request: (status: number, id: string) => both(`(${status}, request ${id})`, `（${status}，請求 ${id}）`),
} as const

export const asking = {
  titles: {
    en: ['session', 'asked at', 'state', 'about', 'what was found'],
    'zh-TW': ['工作階段', '要求時間', '狀態', '對象', '結論'],
  },
  about: both(
    'say what to look at: --service, --deployment, --alert or --incident',
    '請說明要查看什麼：--service、--deployment、--alert 或 --incident',
  ),
  whichService: both(
    '--deployment needs --service: the service that was deployed',
    '--deployment 需要 --service：被部署的服務',
  ),
  done: (percent: number) => both(`${percent} % done`, `完成 ${percent} %`),
  ended: (status: string, why: string | null) =>
    both(`the session ended as ${status}: ${why ?? 'no reason given'}`, `工作階段結束：${status}，${why ?? '沒有說明原因'}`), // prettier-ignore
  takesLonger: (session: string) =>
    both(
      `it takes longer than a request may wait: npx sre show ${session}`,
      `所需時間超過請求可等待的時間：npx sre show ${session}`,
    ),
  waiting: both('waiting for the answer, at most 20 s …', '等待回覆，最多 20 秒 …'),
  lost: both('the connection was lost: trying again for half a minute …', '連線中斷：半分鐘內持續重試 …'),
  page: (page: number, pages: number, total: number) =>
    both(`page ${page} of ${pages}, ${total} in all`, `第 ${page} 頁，共 ${pages} 頁，總計 ${total} 筆`),
  noneEndsSo: (part: string) =>
    both(`none of the newest hundred has an id that ends in ${part}: give the whole id`, `最近一百筆中沒有編號以 ${part} 結尾：請提供完整編號`), // prettier-ignore
  severalEndSo: (part: string, ids: readonly string[]) =>
    both(
      `${part} may be any of ${ids.join(', ')}: give the whole id`,
      `${part} 可能是 ${ids.join('、')}：請提供完整編號`,
    ),
  sure: {
    approved: both('Approve exactly this action?', '核准這個動作？'),
    rejected: both('Reject this action?', '駁回這個動作？'),
  },
  undecided: both('nothing was decided', '沒有作出任何決定'),
  failedOn: (verdict: string) => both(`the verdict is ${verdict}`, `判定為：${verdict}`),
  failOnWatches: both(
    '--fail-on needs --watch: only then the verdict is known',
    '--fail-on 需要 --watch：只有看到結束才知道判定',
  ),
  judgedNext: (decision: string, session: string) =>
    both(
      `${decision}; the executor judges it next: npx sre show ${session}`,
      `${decision}；接著由執行者判定：npx sre show ${session}`,
    ),
} as const

export const evidence = {
  notCited: (id: string, count: number) =>
    both(
      `no diagnosis of the newest ${count} cites evidence ${id}: name its diagnosis with --session, and the whole id`,
      `最近 ${count} 次診斷都沒有引用證據 ${id}：請以 --session 指定診斷，並提供完整編號`,
    ),
  fields: {
    en: { query: 'query', range: 'time', link: 'link', answer: 'answer', error: 'error', downsampled: 'the source answered more than was kept' }, // prettier-ignore
    'zh-TW': { query: '查詢', range: '時間', link: '連結', answer: '回覆', error: '錯誤', downsampled: '來源的回覆多於所保留的內容' }, // prettier-ignore
  },
  titles: {
    en: ['service', 'indicator', 'lowest', 'highest', 'last', 'over time'],
    'zh-TW': ['服務', '指標', '最低', '最高', '最後', '變化'],
  },
  more: (count: number) => both(`… and ${count} more: --json shows all`, `…以及另外 ${count} 筆：以 --json 查看全部`),
} as const

export const approvals = {
  fields: {
    en: { parameters: 'parameters', onlyWhile: 'only while', none: 'none' },
    'zh-TW': { parameters: '參數', onlyWhile: '僅在此狀態下執行', none: '無' },
  },
  written: (title: string, reason: string) =>
    both(`written by the assistant: “${title}” “${reason}”`, `由助理撰寫：「${title}」「${reason}」`),
} as const

export const pageOf = ({ page, total_pages, total }: { page: number; total_pages: number; total: number }) =>
  asking.page(page, Math.max(1, total_pages), total)

export const capacity = {
  titles: {
    en: ['resource', 'indicator', 'average', 'p95', 'peak', 'trend', 'days to capacity'],
    'zh-TW': ['資源', '指標', '平均', 'p95', '最高', '趨勢', '達到上限的天數'],
  },
  chart: both('(history, then forecast)', '（歷史，接著預測）'),
  days: (days: string, earliest: string, latest: string | null) =>
    both(`${days} (${earliest} to ${latest ?? 'not in sight'})`, `${days}（${earliest} 到 ${latest ?? '看不到盡頭'}）`),
  advice: (type: string, times: number, priority: string, reasoning: string) =>
    both(`  ${type} to ${times} × (${priority}): ${reasoning}`, `  ${type}至 ${times} 倍（${priority}）：${reasoning}`),
} as const

export const deadLetters = {
  titles: { en: ['dead since', 'id', 'code', 'key', 'reason'], 'zh-TW': ['成為死信', '編號', '代碼', '鍵', '原因'] },
  count: (count: number) => both(plural(count, 'dead letter'), `${count} 封死信`),
  noSuch: (id: string) =>
    both(`there is no dead letter ${id}: sre dlq list shows what there is`, `沒有死信 ${id}：以 sre dlq list 查看`),
  which: both('name dead letters by their ids, or add --all', '請以編號指定死信，或加上 --all'),
  none: both('There is no dead letter to redrive.', '沒有可重送的死信。'),
  again: (count: number) => both(`Publish ${plural(count, 'dead letter')} again?`, `重新發布 ${count} 封死信？`),
  more: (count: number) => both(`… and ${count} more`, `…以及另外 ${count} 封`),
  progress: (done: number, all: number) => both(`${done} of ${all}`, `${done} / ${all}`),
  already: (id: string) =>
    both(`${id} was brought again already: --again brings it once more`, `${id} 已重送過：以 --again 再送一次`),
  shortened: (id: string) =>
    both(`${id} was kept shortened: its bytes are not whole, so it cannot be brought again`, `${id} 只保留了開頭：內容不完整，無法重送`), // prettier-ignore
  shortenedStay: (count: number) =>
    both(`${plural(count, 'dead letter')} ${count === 1 ? 'was' : 'were'} kept shortened and cannot be brought again`, `${count} 封死信只保留了開頭，無法重送`), // prettier-ignore
  refused: (id: string, reason: string) => both(`${id}  refused: ${reason}`, `${id}  遭拒：${reason}`),
  someRefused: (count: number) =>
    both(`${plural(count, 'dead letter')} could not be published`, `${count} 封死信無法發布`),
  cut: (part: string, bytes: number, sha256: string) =>
    both(`${part} had ${bytes} bytes, SHA-256 ${sha256}; only the beginning is kept`, `${part} 原有 ${bytes} 位元組，SHA-256 ${sha256}；只保留開頭`), // prettier-ignore
  states: {
    en: { shortened: '[shortened]', redriven: '[redriven]' },
    'zh-TW': { shortened: '［已截短］', redriven: '［已重送］' },
  },
  notPublished: both('nothing was published', '沒有發布任何內容'),
  published: (id: string, topic: string, attempt: number) =>
    both(`${id}  published to ${topic} as attempt ${attempt}`, `${id}  已發布到 ${topic}，第 ${attempt} 次嘗試`),
  labels: {
    en: { since: 'dead since', reason: 'reason', for: 'for', lay: 'lay at', shortened: 'shortened', key: 'key', header: 'header', none: '(none)' }, // prettier-ignore
    'zh-TW': { since: '成為死信', reason: '原因', for: '屬於', lay: '原位置', shortened: '已截短', key: '鍵', header: '標頭', none: '（無）' }, // prettier-ignore
  },
  bytes: (count: number, text: string) => both(`${count} bytes: ${text}`, `${count} 位元組：${text}`),
} as const

export const topics = {
  onKafka: both('topics are a matter of Kafka: set KAFKA_BROKERS', '主題只與 Kafka 有關：請設定 KAFKA_BROKERS'),
  matches: both('The cluster matches topics.yaml.', '叢集與 topics.yaml 相符。'),
  differs: (count: number) =>
    both(`${plural(count, 'difference')}: sre topics apply makes the cluster match`, `${count} 個差異：sre topics apply 會使叢集相符`), // prettier-ignore
  left: (count: number) =>
    both(`${plural(count, 'difference')} ${count === 1 ? 'is' : 'are'} left`, `還有 ${count} 個差異`),
  kafka: (why: string) => both(`Kafka: ${why}`, `Kafka：${why}`),
} as const

export const schemas = {
  mayNotFollow: (events: string) =>
    both(
      `${events}: may not follow what was released; readers would break. Add fields with a default, or a new topic (.v2).`,
      `${events}：不能接在已發行的版本之後；讀取者會出錯。請新增有預設值的欄位，或新的主題（.v2）。`,
    ),
  unchanged: both('Nothing has changed since the last release.', '自上次發行以來沒有變更。'),
  inPostgres: both('The schemas are registered in PostgreSQL.', '結構已註冊於 PostgreSQL。'),
  notRegistered: (why: string) => both(`the schemas were not registered: ${why}`, `結構沒有註冊：${why}`),
} as const

export const freezes = {
  already: (tenant: string | null) =>
    tenant === null
      ? both('all actions are frozen already', '所有動作都已被凍結')
      : both(`actions of ${tenant} are frozen already`, `${tenant} 的動作都已被凍結`),
  not: (tenant: string | null) =>
    tenant === null
      ? both('all actions are not frozen: sre freeze status', '並非所有動作都被凍結：sre freeze status')
      : both(`actions of ${tenant} are not frozen: sre freeze status`, `${tenant} 的動作沒有被凍結：sre freeze status`),
  none: both('nothing is frozen', '沒有任何凍結'),
  one: (tenant: string | null, since: string, by: string, reason: string) =>
    both(
      `${tenant === null ? 'all actions are' : `actions of ${tenant} are`} frozen since ${since} by ${by}: ${reason}`,
      `${tenant === null ? '所有動作' : `${tenant} 的動作`}自 ${since} 起由 ${by} 凍結：${reason}`,
    ),
  noDatabase: both(
    'DATABASE_URL is needed: the database of the executor (a platform that npm start began is found by DATA_DIR)',
    '需要 DATABASE_URL：執行者的資料庫（以 npm start 啟動的平台由 DATA_DIR 找到）',
  ),
  noExecutor: both(
    'no executor has run on this database yet: start one first',
    '這個資料庫上還沒有執行過執行者：請先啟動',
  ),
  database: (why: string) => both(`PostgreSQL: ${why}`, `PostgreSQL：${why}`),
} as const

export const keys = {
  none: (dir: string) =>
    both(`${dir} holds no key: set DATA_DIR to where the gateway keeps its data`, `${dir} 中沒有金鑰：請將 DATA_DIR 設為閘道存放資料的位置`), // prettier-ignore
  rotated: (count: number) =>
    both(
      `It signs a minute from now; ${plural(count, 'key')} verify.`,
      `一分鐘後開始簽署；共有 ${count} 把金鑰可驗證。`,
    ),
} as const

export const serving = {
  database: (why: string) =>
    both(`PostgreSQL (DATABASE_URL) cannot be used: ${why}`, `無法使用 PostgreSQL（DATABASE_URL）：${why}`),
}

export const recording = {
  noSource: both(
    'say where to ask: PROMETHEUS_URL, LOKI_URL or TRACES_URL (docs/reference/configuration.md)',
    '請說明要向何處查詢：PROMETHEUS_URL、LOKI_URL 或 TRACES_URL（docs/reference/configuration.md）',
  ),
  taken: (dir: string) =>
    both(`${dir} holds something already: name another folder`, `${dir} 已有內容：請改用其他資料夾`),
  /** `about`: services, or nothing */
  answered: ({ tool, operation, summary }: { tool: string; operation: string; summary: string }, about: string) => {
    const what = `${tool} ${operation}${about === '' ? '' : ` (${about})`}`
    return both(`${what}: ${summary}`, `${what}：${summary}`)
  },
  nothing: (services: readonly string[]) =>
    both(
      `nothing was recorded: no source tells anything of ${services.join(', ')}`,
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
