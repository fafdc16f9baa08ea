/** Command-line messages, in both languages. */
import { both, type Texts } from '../gateway/present/texts.ts'

export const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`

export const login = {
  noPlatform: (dataDir: string, needed: readonly string[]) =>
    both(
      `no platform is running in ${dataDir}: start one with \`npm start\`, or set ${needed.join(' and ')}`,
      `${dataDir} 中沒有執行中的平台：請以 \`npm start\` 啟動，或設定 ${needed.join(' 與 ')}`,
    ),
  notReadable: (file: string, why: string) =>
    both(`${file} cannot be read: ${why}; sign in or restart the platform to recreate it`, `無法讀取 ${file}：${why}；請重新登入或重新啟動平台以重建`), // prettier-ignore
  noUrl: (name: string, given: string) =>
    both(`${name} must be an http(s) URL, not ${given}`, `${name} 必須是 http(s) URL，而不是 ${given}`),
  together: both(
    '--username and --password-stdin must be used together',
    '--username 與 --password-stdin 必須一起使用',
  ),
  deviceAlone: both('--device cannot be used with --username', '--device 不能與 --username 一起使用'),
  noPassword: both('no password on standard input', '標準輸入中沒有密碼'),
  open: (here: string) =>
    both(`open this URL to sign in (it redirects back to ${here}):`, `請開啟此網址登入（完成後會導回 ${here}）：`),
  openElsewhere: both(
    'open this URL on any device and sign in; if it asks for a code, this is the one:',
    '請在任一裝置開啟此網址並登入；若要求代碼，請輸入：',
  ),
  noDevice: (issuer: string) =>
    both(
      `the identity provider ${issuer} does not support sign-in by device code`,
      `身分提供者 ${issuer} 不支援以裝置代碼登入`,
    ),
  /** `code`: the identity provider's word for the refusal */
  without: (scopes: string, code: string) =>
    both(
      `the identity provider refused ${scopes} (${code}): signing in without them`,
      `身分提供者拒絕 ${scopes}（${code}）：登入時將不要求這些 scope`,
    ),
  notSignedIn: (issuer: string, said: string) =>
    both(`the sign-in at ${issuer} failed: ${said}`, `在 ${issuer} 登入失敗：${said}`),
  returned: both('Signed in. You can return to the terminal.', '已登入，請回到終端機。'),
  nobodyCame: both('sign-in timed out: run `npx sre login` again', '登入逾時：請再次執行 `npx sre login`'),
  signedIn: (who: string, roles: readonly string[]) =>
    both(`signed in as ${who} (${roles.join(', ') || 'no roles'})`, `已登入：${who}（${roles.join('、') || '沒有角色'}）`), // prettier-ignore
  notTakenBack: (issuer: string, why: string) =>
    both(
      `the token at ${issuer} could not be revoked and will expire by itself: ${why}`,
      `無法在 ${issuer} 撤銷權杖，該權杖將自行到期：${why}`,
    ),
  /** `said`: the identity provider's words */
  refused: (who: string, said: string) => both(`${who} could not sign in: ${said}`, `${who} 無法登入：${said}`),
  signedOut: both('signed out', '已登出'),
  nobody: both('not signed in: run `npx sre login` first', '尚未登入：請先執行 `npx sre login`'),
  expired: both('the sign-in has expired: run `npx sre login` again', '登入已過期：請再次執行 `npx sre login`'),
  refreshing: both(
    'another command is refreshing the sign-in and does not finish: try again',
    '另一個指令正在更新登入且尚未完成：請再試一次',
  ),
  issuerAway: (issuer: string, why: string) =>
    both(`the identity provider ${issuer} cannot be reached: ${why}`, `無法連線到身分提供者 ${issuer}：${why}`),
} as const

export const gateway = {
  away: (url: string, why: string) =>
    both(`the gateway ${url} cannot be reached: ${why}`, `無法連線到閘道 ${url}：${why}`),
  noEvents: both('the gateway sent no event stream', '閘道沒有送出事件串流'),
  strange: (status: number, text: string) =>
    both(`the gateway answered ${status}: ${text}`, `閘道回覆 ${status}：${text}`),
  invalid: both('the gateway refuses these values:', '閘道不接受這些值：'),
  /** its log explains a failure of its own under the request id */
  inside: (said: Texts, request: string) =>
    both(`${said.en} (request ${request})`, `${said['zh-TW']}（請求 ${request}）`),
} as const

export const asking = {
  titles: {
    en: ['id', 'UTC', 'state', 'target', 'finding'],
    'zh-TW': ['編號', 'UTC', '狀態', '對象', '結論'],
  },
  about: both(
    'name a target: --service, --deployment, --alert or --incident',
    '請指定對象：--service、--deployment、--alert 或 --incident',
  ),
  whichService: both(
    '--deployment needs --service: the service that was deployed',
    '--deployment 需要 --service：被部署的服務',
  ),
  done: (percent: number) => both(`${percent} % done`, `完成 ${percent} %`),
  ended: (status: string, why: string | null) =>
    both(`the session ended as ${status}: ${why ?? 'no reason given'}`, `工作階段結束：${status}，${why ?? '沒有說明原因'}`), // prettier-ignore
  takesLonger: (session: string) => both(`still running: npx sre show ${session}`, `仍在執行：npx sre show ${session}`),
  waiting: both('waiting for the answer (up to 20 s) …', '等待回覆，最多 20 秒 …'),
  /** shown while `--watch` has nothing to print until someone decides */
  stillUndecided: both('waiting for a decision (Ctrl-C only stops watching) …', '等待決定（按 Ctrl-C 只會停止顯示）…'),
  lost: both('connection lost: retrying for 30 s …', '連線中斷：30 秒內持續重試 …'),
  page: (page: number, pages: number, total: number) =>
    both(`page ${page} of ${pages}, ${total} in all`, `第 ${page} 頁，共 ${pages} 頁，總計 ${total} 筆`),
  noneEndsSo: (part: string) =>
    both(`none of the latest 100 ids ends in ${part}: give the full id`, `最近 100 筆中沒有編號以 ${part} 結尾：請提供完整編號`), // prettier-ignore
  severalEndSo: (part: string, ids: readonly string[]) =>
    both(
      `${part} matches several ids: ${ids.join(', ')}; give the full id`,
      `${part} 符合多個編號：${ids.join('、')}；請提供完整編號`,
    ),
  sure: {
    approved: both('Approve this action?', '核准這個動作？'),
    rejected: both('Reject this action?', '拒絕這個動作？'),
  },
  undecided: both('no decision was made', '未作出決定'),
  failedOn: (verdict: string) => both(`the verdict is ${verdict}`, `判定為：${verdict}`),
  waits: both(
    '--watch and --fail-on wait for the diagnosis: leave out --no-wait',
    '--watch 與 --fail-on 會等待診斷結果：請移除 --no-wait',
  ),
  judgedNext: (decision: string, session: string) =>
    both(
      `${decision}; next, the executor checks the decision: npx sre show ${session}`,
      `${decision}；接著由執行器檢查這個決定：npx sre show ${session}`,
    ),
} as const

export const evidence = {
  notCited: (id: string, count: number) =>
    both(
      `none of the newest ${count} diagnoses cites evidence ${id}: give the full id, and its diagnosis with --session`,
      `最近 ${count} 次診斷都沒有引用證據 ${id}：請以 --session 指定診斷，並提供完整編號`,
    ),
  fields: {
    en: { query: 'query', range: 'time', link: 'link', answer: 'answer', error: 'error', downsampled: 'downsampled: the source returned more data' }, // prettier-ignore
    'zh-TW': { query: '查詢', range: '時間', link: '連結', answer: '回覆', error: '錯誤', downsampled: '已降低取樣：來源的回覆更多' }, // prettier-ignore
  },
  titles: {
    en: ['service', 'indicator', 'lowest', 'highest', 'last', 'over time'],
    'zh-TW': ['服務', '指標', '最低', '最高', '最後', '變化'],
  },
  more: (count: number) => both(`… and ${count} more: --json shows all`, `…以及另外 ${count} 筆：以 --json 查看全部`),
  quieter: (count: number) =>
    both(
      `… without ${count} less severe or older ones: --json shows all`,
      `…省略較不嚴重或較早的 ${count} 行：以 --json 查看全部`,
    ),
} as const

export const pageOf = ({ page, total_pages, total }: { page: number; total_pages: number; total: number }) =>
  asking.page(page, Math.max(1, total_pages), total)

export const toolTexts = {
  titles: {
    en: ['tool', 'state', 'response', 'last answer (UTC)', 'used by', 'endpoint'],
    'zh-TW': ['工具', '狀態', '回應時間', '最近回覆（UTC）', '代理程式', '端點'],
  },
  none: both('no agent has reported within the last day', '最近一天沒有任何代理程式回報'),
} as const

export const workflowTexts = {
  titles: {
    en: ['workflow', 'agent', 'version', 'median time', 'succeeded', 'steps'],
    'zh-TW': ['工作流程', '代理程式', '版本', '時間中位數', '成功率', '步驟'],
  },
  rate: (percent: number, of: number) => both(`${percent} % of ${of}`, `${percent} %（共 ${of} 次）`),
  none: both('no agent has reported within the last day', '最近一天沒有任何代理程式回報'),
} as const

export const capacity = {
  titles: {
    en: ['resource', 'indicator', 'average', 'p95', 'peak', 'trend', 'days to capacity'],
    'zh-TW': ['資源', '指標', '平均', 'p95', '最高', '趨勢', '達到上限的天數'],
  },
  chart: both('(history, then forecast)', '（歷史，接著預測）'),
  history: both('(history)', '（歷史）'),
  noTrend: both('too little history', '歷史資料太少'),
  days: (days: string, earliest: string, latest: string | null) =>
    both(
      `${days} (${earliest} to ${latest ?? 'beyond the forecast'})`,
      `${days}（${earliest} 到 ${latest ?? '超出預測範圍'}）`,
    ),
  advice: (type: string, times: number, priority: string, reasoning: string) =>
    both(`  ${type} to ${times} × (${priority}): ${reasoning}`, `  ${type}至 ${times} 倍（${priority}）：${reasoning}`),
} as const

export const deadLetters = {
  titles: { en: ['dead-lettered', 'id', 'code', 'key', 'reason'], 'zh-TW': ['成為死信', '編號', '代碼', '鍵', '原因'] },
  count: (count: number) => both(plural(count, 'dead letter'), `${count} 封死信`),
  noSuch: (id: string) => both(`no dead letter ${id}: see sre dlq list`, `沒有死信 ${id}：以 sre dlq list 查看`),
  which: both('name dead letters by their ids, or add --all', '請以編號指定死信，或加上 --all'),
  none: both('No dead letters to redrive.', '沒有可重送的死信。'),
  again: (count: number) => both(`Redrive ${plural(count, 'dead letter')}?`, `重送 ${count} 封死信？`),
  more: (count: number) => both(`… and ${count} more`, `…以及另外 ${count} 封`),
  progress: (done: number, all: number) => both(`${done} of ${all}`, `${done} / ${all}`),
  already: (id: string) =>
    both(`${id} was already redriven: --again redrives it once more`, `${id} 已重送過：以 --again 再送一次`),
  shortened: (id: string) =>
    both(`${id} was truncated when it was stored, so it cannot be redriven`, `${id} 存放時已截短，無法重送`), // prettier-ignore
  shortenedStay: (count: number) =>
    both(`${plural(count, 'dead letter')} ${count === 1 ? 'was' : 'were'} truncated when stored and cannot be redriven`, `${count} 封死信存放時已截短，無法重送`), // prettier-ignore
  refused: (id: string, reason: string) => both(`${id}  refused: ${reason}`, `${id}  遭拒：${reason}`),
  someRefused: (count: number) =>
    both(`${plural(count, 'dead letter')} could not be published`, `${count} 封死信無法發布`),
  cut: (part: string, bytes: number, sha256: string) =>
    both(`${part} had ${bytes} bytes, SHA-256 ${sha256}; only its beginning was stored`, `${part} 原有 ${bytes} 位元組，SHA-256 ${sha256}；只保留開頭`), // prettier-ignore
  states: {
    en: { shortened: '[truncated]', redriven: '[redriven]' },
    'zh-TW': { shortened: '［已截短］', redriven: '［已重送］' },
  },
  notPublished: both('nothing was published', '沒有發布任何內容'),
  published: (id: string, topic: string, attempt: number) =>
    both(`${id}  published to ${topic} as attempt ${attempt}`, `${id}  已發布到 ${topic}，第 ${attempt} 次嘗試`),
  labels: {
    en: { since: 'dead-lettered', reason: 'reason', for: 'consumer', group: 'group', lay: 'origin', partition: 'partition', offset: 'offset', shortened: 'truncated', key: 'key', header: 'header', none: '(none)' }, // prettier-ignore
    'zh-TW': { since: '成為死信', reason: '原因', for: '消費者', group: '群組', lay: '來源位置', partition: '分割區', offset: '位移', shortened: '已截短', key: '鍵', header: '標頭', none: '（無）' }, // prettier-ignore
  },
  bytes: (count: number, text: string) => both(`${count} bytes: ${text}`, `${count} 位元組：${text}`),
} as const

export const topics = {
  onKafka: both('topics exist on Kafka only: set KAFKA_BROKERS', '只有 Kafka 才有主題：請設定 KAFKA_BROKERS'),
  matches: both('The cluster matches topics.yaml.', '叢集與 topics.yaml 相符。'),
  differs: (count: number) =>
    both(`${plural(count, 'difference')}: run sre topics apply to reconcile the cluster`, `有 ${count} 處差異：執行 sre topics apply 使叢集與其一致`), // prettier-ignore
  left: (count: number) =>
    both(`${plural(count, 'difference')} ${count === 1 ? 'remains' : 'remain'}`, `還有 ${count} 處差異`),
  fewBrokers: (brokers: number, replicas: number) =>
    both(
      `The cluster has ${plural(brokers, 'broker')}, and topics.yaml asks for a replication factor of ${replicas}: using ${brokers}. Pass --replicas ${brokers} to hide this note.`,
      `叢集有 ${brokers} 個 broker，而 topics.yaml 要求的副本數為 ${replicas}：改用 ${brokers}。加上 --replicas ${brokers} 即不再顯示此訊息。`,
    ),
  kafka: (why: string) => both(`Kafka: ${why}`, `Kafka：${why}`),
  noAuthorizer: both(
    'the brokers have no authorizer, so there are no ACLs: anyone who can connect may read and write every topic. Set authorizer.class.name on the brokers, or leave out --acls.',
    'broker 沒有設定 authorizer，因此沒有 ACL：任何能連線的人都能讀寫所有主題。請在 broker 設定 authorizer.class.name，或不要加上 --acls。',
  ),
  extra: (count: number) =>
    both(
      `${plural(count, 'ACL')} marked extra ${count === 1 ? 'is' : 'are'} not implied by topics.yaml; --prune-acls removes those that grant a component rights on one of these topics or groups by name`,
      `${count} 個標示為 extra 的 ACL 並非 topics.yaml 所需；--prune-acls 會移除其中以名稱授權元件存取這些主題或群組的 ACL`,
    ),
} as const

export const schemas = {
  mayNotFollow: (events: string) =>
    both(
      `${events}: not compatible with the released schema; readers would break. Give new fields a default, or use a new topic (.v2).`,
      `${events}：與已發行的 schema 不相容，會使讀取端出錯。請為新欄位加上預設值，或改用新的主題（.v2）。`,
    ),
  unchanged: both('Nothing has changed since the last release.', '自上次發行以來沒有變更。'),
  inPostgres: both('The schemas are registered in PostgreSQL.', 'Schema 已註冊於 PostgreSQL。'),
  notRegistered: (why: string) => both(`schema registration failed: ${why}`, `schema 註冊失敗：${why}`),
} as const

export const freezes = {
  already: (tenant: string | null) =>
    tenant === null
      ? both('all actions are already frozen', '所有動作已經凍結')
      : both(`actions of ${tenant} are already frozen`, `${tenant} 的動作已經凍結`),
  not: (tenant: string | null) =>
    tenant === null
      ? both(
          'there is no freeze on all actions; see: sre freeze status',
          '目前沒有凍結所有動作；請見：sre freeze status',
        )
      : both(
          `there is no freeze on actions of ${tenant}; see: sre freeze status`,
          `${tenant} 的動作沒有凍結；請見：sre freeze status`,
        ),
  none: both('nothing is frozen', '沒有任何凍結'),
  one: (tenant: string | null, since: string, by: string, reason: string) =>
    both(
      `${tenant === null ? 'all actions are' : `actions of ${tenant} are`} frozen since ${since} by ${by}: ${reason}`,
      `${tenant === null ? '所有動作' : `${tenant} 的動作`}自 ${since} 起由 ${by} 凍結：${reason}`,
    ),
  noDatabase: both(
    'DATABASE_URL is required: the database of the executor (a platform started by npm start is found through DATA_DIR)',
    '需要 DATABASE_URL：執行器的資料庫（以 npm start 啟動的平台由 DATA_DIR 找到）',
  ),
  noExecutor: both(
    'no executor has used this database yet: start one first',
    '還沒有執行器使用過這個資料庫：請先啟動執行器',
  ),
  database: (why: string) => both(`PostgreSQL: ${why}`, `PostgreSQL：${why}`),
} as const
