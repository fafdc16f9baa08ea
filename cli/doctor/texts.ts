/** What `sre doctor` says, in both languages. */
import { both, type Texts } from '../../gateway/present/texts.ts'

/** What a check is called. */
export const titles: Readonly<Record<string, Texts>> = {
  configuration: both('configuration', '設定'),
  node: both('Node.js', 'Node.js'),
  disk: both('disk', '磁碟'),
  postgres: both('PostgreSQL', 'PostgreSQL'),
  migrations: both('migrations', '資料庫遷移'),
  postgres_clock: both("PostgreSQL's clock", 'PostgreSQL 的時鐘'),
  lag: both('consumer lag', '消費者落後量'),
  gateway: both('gateway', '閘道'),
  shop: both('sources', '資料來源'),
  kafka: both('Kafka', 'Kafka'),
  topics: both('topics', '主題'),
  registry: both('schema registry', 'schema registry'),
  schemas: both('schemas', 'schema'),
  issuer: both('identity provider', '身分提供者'),
  assistant_token: both('token of the assistant', '助理的權杖'),
  executor_token: both('token of the executor', '執行器的權杖'),
  postmortem_token: both('token of the postmortem agent', '事後檢討代理的權杖'),
  control_plane: both('control-plane', '控制平面'),
  prometheus: both('Prometheus', 'Prometheus'),
  loki: both('Loki', 'Loki'),
  traces: both('traces', '追蹤'),
  chroma: both('Chroma', 'Chroma'),
  clock: both('clocks', '時鐘'),
  queries: both('queries of the anomaly agent', '異常監看代理的查詢'),
}

const checkUrl = (variable: string) =>
  both(
    `check ${variable} and its credentials, and that the server is up`,
    `請檢查 ${variable} 與其認證資訊，並確認伺服器正在執行`,
  )

/** What to do if a check fails with the message of another system. */
const TODO: Readonly<Record<string, Texts>> = {
  postgres: both('check DATABASE_URL, and that PostgreSQL is up', '請檢查 DATABASE_URL，並確認 PostgreSQL 正在執行'),
  migrations: both('check DATABASE_URL, and that PostgreSQL is up', '請檢查 DATABASE_URL，並確認 PostgreSQL 正在執行'),
  postgres_clock: both(
    'check DATABASE_URL, and that PostgreSQL is up',
    '請檢查 DATABASE_URL，並確認 PostgreSQL 正在執行',
  ),
  gateway: both('its log is platform.log in DATA_DIR', '日誌為 DATA_DIR 中的 platform.log'),
  kafka: both(
    'check KAFKA_BROKERS and the other KAFKA_ variables, and that the brokers are up',
    '請檢查 KAFKA_BROKERS 與其他 KAFKA_ 變數，並確認 broker 正在執行',
  ),
  topics: both('check KAFKA_BROKERS, and that the brokers are up', '請檢查 KAFKA_BROKERS，並確認 broker 正在執行'),
  registry: checkUrl('SCHEMA_REGISTRY_URL'),
  schemas: checkUrl('SCHEMA_REGISTRY_URL'),
  issuer: both(
    'check OIDC_ISSUER, and that the identity provider is up',
    '請檢查 OIDC_ISSUER，並確認身分提供者正在執行',
  ),
  assistant_token: both(
    'check ASSISTANT_CLIENT_ID, ASSISTANT_CLIENT_SECRET, and that this client may use client credentials with the scope sre-platform:read',
    '請檢查 ASSISTANT_CLIENT_ID、ASSISTANT_CLIENT_SECRET，並確認此 client 可用 client credentials 取得 scope sre-platform:read',
  ),
  executor_token: both(
    'check EXECUTOR_CLIENT_ID, EXECUTOR_CLIENT_SECRET, and that this client may use client credentials with the scopes sre-platform:read and sre-platform:write',
    '請檢查 EXECUTOR_CLIENT_ID、EXECUTOR_CLIENT_SECRET，並確認此 client 可用 client credentials 取得 scope sre-platform:read 與 sre-platform:write',
  ),
  postmortem_token: both(
    'check POSTMORTEM_CLIENT_ID, POSTMORTEM_CLIENT_SECRET, and that this client may use client credentials with the scope sre-platform:read',
    '請檢查 POSTMORTEM_CLIENT_ID、POSTMORTEM_CLIENT_SECRET，並確認此 client 可用 client credentials 取得 scope sre-platform:read',
  ),
  control_plane: checkUrl('CONTROL_PLANE_URL'),
  prometheus: checkUrl('PROMETHEUS_URL'),
  loki: checkUrl('LOKI_URL'),
  traces: checkUrl('TRACES_URL'),
  chroma: both('check CHROMA_URL, and that Chroma is up', '請檢查 CHROMA_URL，並確認 Chroma 正在執行'),
}

/** What is missing without a variable. */
const WITHOUT: Readonly<Record<string, Texts>> = {
  PROMETHEUS_URL: both('no metrics', '沒有指標'),
  LOKI_URL: both('no logs', '沒有日誌'),
  TRACES_URL: both('no traces', '沒有追蹤'),
  CHROMA_URL: both('no memory', '沒有記憶功能'),
  CONTROL_PLANE_URL: both('no changes, alerts and actions', '沒有變更、告警與動作'),
}

export const doctor = {
  failed: (why: string) => both(why, why),
  todoOf: (id: string): Texts => TODO[id] ?? both('the message says what is wrong', '訊息說明了問題所在'),
  notConfigured: (variable: string) => {
    const without = WITHOUT[variable]
    return without === undefined
      ? both(`not configured (${variable})`, `未設定（${variable}）`)
      : both(`not configured (${variable}): ${without.en}`, `未設定（${variable}）：${without['zh-TW']}`)
  },
  notChecked: (id: string) => ({
    state: 'not_checked' as const,
    says: both(`not checked: see ${titles[id]?.en}`, `未檢查：見「${titles[id]?.['zh-TW']}」`),
  }),
  local: both('taken from the platform in DATA_DIR', '使用 DATA_DIR 中平台的設定'),
  platform: (dataDir: string, pid: number, since: string) =>
    both(
      `a platform runs in ${dataDir} (process ${pid}, since ${since}): checking that one`,
      `${dataDir} 中有平台在執行（程序 ${pid}，自 ${since} 起）：檢查該平台`,
    ),
  ready: (url: string) => both(`ready at ${url}`, `${url} 已就緒`),
  notReady: (url: string, status: number, why: string) =>
    both(`${url} is not ready (${status}): ${why}`, `${url} 尚未就緒（${status}）：${why}`),
  starting: both('not up yet: the platform is starting', '尚未啟動完成：平台正在啟動'),
  ownShop: both('its own shop, recorded by the platform itself', '平台自己的商店，由平台記錄'),
  secretNeeded: (names: readonly string[]) =>
    both(
      `not checked: set ${names.join(', ')} here too, because secrets are not stored`,
      `未檢查：機密不會儲存，請在此處一併設定 ${names.join('、')}`,
    ),
  noBroker: (where: Texts) => both(`no broker can be reached: ${where.en}`, `無法連線到任何 broker：${where['zh-TW']}`),
  notAsBroker: (why: string) => both(`something is listening, but it does not answer like a Kafka broker: ${why}`, `有程式在接聽，但回應不像 Kafka broker：${why}`), // prettier-ignore
  incompatible: (count: number) =>
    both(
      `${count} registered ${count === 1 ? 'schema is' : 'schemas are'} not compatible with this version`,
      `${count} 個已註冊的 schema 與此版本不相容`,
    ),
  sameVersion: both(
    'run the version that registered them, or use another registry; sre schemas register would be refused',
    '請執行註冊它們的版本，或改用另一個 registry；sre schemas register 會遭拒絕',
  ),
  noReaders: both('not checked: no agent has read from this bus yet', '未檢查：還沒有代理程式讀取過此匯流排'),
  caughtUp: both('none', '無'),
  catchingUp: both('a little, and falling', '少量，正在減少'),
  behindOf: (count: number) =>
    both(`${count} ${count === 1 ? 'consumer does' : 'consumers do'} not keep up`, `${count} 個消費者跟不上`),
  startReaders: both(
    'check that the component runs; if it does, its log and its queue say why (sre_consumer_lag_records)',
    '請確認該元件正在執行；若是，原因請看其日誌與佇列（sre_consumer_lag_records）',
  ),
  clockAgrees: both('within 5 s of this machine', '與本機相差 5 秒以內'),
  noParts: both('no component is configured', '沒有設定任何元件'),
  configure: both(
    'docs/reference/configuration.md lists every variable',
    'docs/reference/configuration.md 列出所有變數',
  ),
  configured: (parts: readonly string[]) => both(`complete for ${parts.join(', ')}`, `${parts.join('、')} 的設定完整`),
  misconfigured: (parts: readonly string[], count: number) =>
    both(
      `${count} ${count === 1 ? 'error' : 'errors'} (${parts.join(', ')})`,
      `${count} 個錯誤（${parts.join('、')}）`,
    ),
  node: (version: string) => both(`version ${version}`, `版本 ${version}`),
  installNode: (wanted: number) => both(`install Node.js ${wanted} or newer`, `請安裝 Node.js ${wanted} 以上版本`),
  disk: (dir: string, gib: number) =>
    both(`${gib.toFixed(1)} GiB free for DATA_DIR (${dir})`, `DATA_DIR（${dir}）可用空間 ${gib.toFixed(1)} GiB`),
  freeSpace: both('free some space, or move DATA_DIR', '請釋出空間，或將 DATA_DIR 移到其他磁碟'),
  postgres: (version: string) => both(`answers, version ${version}`, `有回應，版本 ${version}`),
  migrated: both('up to date', '已是最新'),
  notMigrated: both('not applied yet', '尚未套用'),
  behind: (schemas: readonly string[]) =>
    both(`older than this version: ${schemas.join(', ')}`, `比此版本舊：${schemas.join('、')}`),
  ahead: (schemas: readonly string[]) =>
    both(`made by a newer version: ${schemas.join(', ')}`, `由較新的版本建立：${schemas.join('、')}`),
  upgrade: both('use this database with that version or a newer one', '請以該版本或更新的版本使用此資料庫'),
  migrate: both('start a component, or run sre migrate', '請啟動元件，或執行 sre migrate'),
  mayNotMigrate: both('not up to date, and this user may not create schemas', '不是最新，且此使用者無權建立 schema'),
  grantCreate: both(
    'run GRANT CREATE ON DATABASE … TO the user in DATABASE_URL, or run sre migrate as a user with that right',
    '請對 DATABASE_URL 的使用者執行 GRANT CREATE ON DATABASE … TO，或以有此權限的使用者執行 sre migrate',
  ),
  answers: both('answers', '有回應'),
  queriesAnswered: (all: number) => both(`all ${all} are answered`, `${all} 個查詢都有回應`),
  queriesFailed: (failed: number, all: number) =>
    both(`${failed} of ${all} are not answered`, `${all} 個查詢中有 ${failed} 個沒有回應`),
  queriesEmpty: (empty: number, all: number) =>
    both(`${empty} of ${all} name no service now`, `${all} 個查詢中有 ${empty} 個目前沒有任何服務的序列`),
  checkQueries: both('check these queries in ANOMALY_QUERIES_FILE', '請檢查 ANOMALY_QUERIES_FILE 中的這些查詢'),
  answersAs: (client: string) => both(`answers ${client}`, `已回應 ${client} 的請求`),
  foreign: both('answers, but is not this kind of server', '有回應，但不是這種伺服器'),
  checkUrl,
  topicsMatch: both('as in topics.yaml', '與 topics.yaml 相符'),
  topicsDiffer: (count: number) =>
    both(
      `${count} ${count === 1 ? 'difference' : 'differences'} from topics.yaml`,
      `與 topics.yaml 有 ${count} 處差異`,
    ),
  applyTopics: both(
    'sre topics plan shows them, sre topics apply reconciles them',
    '請以 sre topics plan 查看差異，以 sre topics apply 套用',
  ),
  fewBrokers: (brokers: number) =>
    both(
      `as in topics.yaml, but with ${brokers} of 3 replicas: the cluster has only ${brokers} ${brokers === 1 ? 'broker' : 'brokers'}`,
      `與 topics.yaml 相符，但叢集只有 ${brokers} 個 broker，因此副本數為 ${brokers}，而非 3`,
    ),
  addBrokers: both(
    'for production, add brokers: with so few, a single failure can take the bus down',
    '正式環境請增加 broker：數量不足時，一個 broker 故障就可能使匯流排中斷',
  ),
  registered: both('all registered', '全部已註冊'),
  unregistered: (subjects: readonly string[]) =>
    both(`not registered: ${subjects.join(', ')}`, `未註冊：${subjects.join('、')}`),
  registerSchemas: both('sre schemas register', '請執行 sre schemas register'),
  noDiscovery: (url: string, status: number) =>
    both(`no OpenID configuration at ${url} (it answered ${status})`, `${url} 沒有 OpenID 設定（回覆 ${status}）`),
  otherIssuer: (named: string, given: string) =>
    both(
      `its issuer is ${named}, not ${given}: tokens will be refused`,
      `公布的 issuer 是 ${named}，而非 ${given}：權杖會被拒絕`,
    ),
  checkIssuer: both(
    'set OIDC_ISSUER to the issuer exactly as the provider names it (Keycloak: …/realms/NAME)',
    '請將 OIDC_ISSUER 設為與身分提供者公布的 issuer 完全相同的值（Keycloak：…/realms/名稱）',
  ),
  token: (client: string) => both(`granted to ${client}`, `已核發給 ${client}`),
  noClocks: both('not configured: no other server to compare with', '未設定：沒有其他伺服器可比較'),
  noDates: both('not checked: no server reported its time', '未檢查：沒有伺服器回報時間'),
  clocksAgree: (count: number) =>
    both(`within 5 s of ${count} ${count === 1 ? 'server' : 'servers'}`, `與 ${count} 個伺服器相差 5 秒以內`),
  clocksDiffer: (about: readonly string[]) =>
    both(`compared with this machine: ${about.join(', ')}`, `與本機相比：${about.join('、')}`),
  syncClocks: both(
    'synchronize the clocks (NTP); otherwise queries miss the latest data and tokens may be refused',
    '請同步時鐘（NTP）：否則查詢會漏掉最新的資料，權杖也可能被拒絕',
  ),
  conforms: both('as documented', '與文件相符'),
  conformsAll: (count: number) => both(`as documented (${count} items)`, `與文件相符（${count} 筆）`),
  nothingToCheck: both('empty: its fields could not be checked', '沒有資料：無法檢查欄位'),
  notThere: both('not found (404): its fields could not be checked', '找不到（404）：無法檢查欄位'),
  unlike: (count: number) =>
    both(`${count} ${count === 1 ? 'field is' : 'fields are'} not as documented`, `${count} 個欄位與文件不符`),
  asDocumented: both(
    'docs/reference/control-plane.yaml describes the expected answer',
    'docs/reference/control-plane.yaml 說明應有的回覆',
  ),
  wrong: (count: number) => both(`${count} ${count === 1 ? 'check' : 'checks'} failed`, `${count} 項檢查未通過`),
} as const
