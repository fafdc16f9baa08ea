/** The gateway's own texts, in both languages. Texts by agents and people come with their events. */
import type { Language } from './language.ts'
import { wordIn } from './words.ts'

export type Texts = Readonly<Record<Language, string>>

export const both = (en: string, chinese: string): Texts => ({ en, 'zh-TW': chinese })

export const said = {
  asked: both('diagnosis requested', '已送出診斷請求'),
  stopping: both('it will stop at its next step', '將在下一個步驟停止'),
  stillAtIt: both('still running: query the status of the session', '仍在執行：請查詢工作階段的狀態'),
} as const

export const tools = {
  stale: (agent: string, since: string) =>
    both(`${agent} has not reported since ${since}`, `${agent} 自 ${since} 起沒有回報`),
} as const

const things = {
  anomaly: '異常',
  forecast: '預測',
  approval: '核准請求',
  postmortem: '事後檢討報告',
  session: '工作階段',
  evidence: '證據',
  service: '服務',
} as const

export const postmortems = {
  asked: both('postmortem requested', '已送出事後檢討請求'),
  unknown: (many: number) =>
    both(
      many === 1 ? 'no such incident or session' : `${many} unknown incidents or sessions`,
      `沒有這些事故或工作階段（${many} 個）`,
    ),
  noIncident: (id: string) => both(`no incident ${id}`, `沒有事故 ${id}`),
  noSession: (id: string) => both(`no session ${id}`, `沒有工作階段 ${id}`),
  tooMany: (many: number, most: number) =>
    both(`${many} incidents and sessions; the limit is ${most}`, `共 ${many} 個事故與工作階段，上限為 ${most} 個`),
  writing: both('it is still being written: ask again', '仍在撰寫中，請稍後再試'),
  notWritten: both('there is no report: request JSON to see why', '沒有報告：請以 JSON 格式查看原因'),
  noZone: both('not an IANA time zone, such as Asia/Taipei', '不是 IANA 時區（例如 Asia/Taipei）'),
} as const

/** Feedback on a diagnosis. */
export const judging = {
  notAPerson: both('only people judge a diagnosis', '只有人可以評價診斷'),
  notOver: both('the diagnosis has no result yet', '診斷尚無結果'),
} as const

/** Expecting an anomaly. */
export const expecting = {
  notAPerson: both('only people say what they expect', '只有人可以標示預期的異常'),
} as const

/** Changing a postmortem. */
export const revising = {
  notAPerson: both('only people change a postmortem', '只有人可以修改事後檢討'),
  overtaken: (asked: number, current: number) =>
    both(
      `revision ${asked} is not the latest: read revision ${current} and make your change to it`,
      `版次 ${asked} 不是最新的：請讀取版次 ${current}，再套用您的修改`,
    ),
  since: (revision: number, role: string, at: string, changed: readonly string[]) =>
    both(
      `revision ${revision} by a ${role} at ${at} changed: ${changed.join(', ')}`,
      `版次 ${revision}（${role}，${at}）修改了：${changed.join('、')}`,
    ),
  nothing: both('this changes nothing', '沒有任何修改'),
  notNext: (before: string, next: string) =>
    both(`a ${before} cannot become ${next}: draft, reviewed, published`, `${before} 不能改為 ${next}：依序為 draft、reviewed、published`), // prettier-ignore
  ownText: both('whoever changed a text last does not review it', '最後修改文字的人不能審閱自己的文字'),
  tooMany: (most: number) => both(`it was changed ${most} times, the limit`, `已修改 ${most} 次，達到上限`),
  noItem: (id: string) => both(`no action item ${id}`, `沒有行動項目 ${id}`),
  fixed: both(
    'type and text of an item stay: drop it and add another',
    '項目的類型與內容不能修改：請將它設為不處理並新增一項',
  ),
  incomplete: both('a new item needs type and text', '新項目需要 type 與 text'),
  tooManyItems: (most: number) => both(`more than ${most} items`, `超過 ${most} 個項目`),
  warning: (rule: 'person' | 'blame', words: string) =>
    rule === 'person'
      ? both('this names a person: name the role instead', '這裡指名了個人：請改用角色')
      : both(
          `"${words}" may blame a person: say what the system lacked`,
          `「${words}」可能歸咎於個人：請說明系統缺少什麼`,
        ),
} as const

/** Refusals. */
export const refusals = {
  noRoute: both('no such route', '沒有這個路徑'),
  noMethod: (methods: string) => both(`this path accepts only ${methods}`, `這個路徑只接受 ${methods}`),
  noSuch: (thing: keyof typeof things) => both(`no such ${thing}`, `沒有這個${things[thing]}`),
  inside: both(
    'internal error; for the details, search the log for this request id',
    '內部錯誤；詳情請以此請求編號查詢日誌',
  ),
  notReadable: (why: string) => both(why, `無法讀取這個請求：${why}`),
  notDescribed: (part: string) => {
    const { en, 'zh-TW': chinese } = parts[part] ?? both(part, part)
    return both(`the ${en} does not match the API description`, `${chinese}不符合 API 規格`)
  },
  notification: both(
    'this is an Alertmanager notification: send it to POST /api/v1/webhooks/alertmanager',
    '這是 Alertmanager 的通知：請送至 POST /api/v1/webhooks/alertmanager',
  ),
  overloaded: both(
    'too many notifications are being handled: send this one again',
    '正在處理的通知過多：請重送這則通知',
  ),
  notAName: both('must be 1 to 255 visible characters on one line', '必須是單行 1 至 255 個可見字元'),
  more: (count: number) => both(`and ${count} more`, `另有 ${count} 項`),
  stopped: both(
    'there may be more: a body this large is checked only up to its first error',
    '可能還有其他問題：這樣大小的請求內容只檢查到第一個錯誤為止',
  ),
  notDecodable: both('is not valid percent-encoded UTF-8', '不是有效的百分號編碼 UTF-8'),
  noHost: both('the Host header is missing', '缺少 Host 標頭'),
  malformed: both('the request is not HTTP', '這個請求不是有效的 HTTP'),
  headersTooLarge: both('the headers of the request are too large', '請求的標頭過大'),
  tooLarge: both('the request is too large', '請求過大'),
  tooSlow: both('the request took too long to arrive', '請求傳送的時間過長'),
  noExpectation: both('only Expect: 100-continue is supported', '只支援 Expect: 100-continue'),
  noTunnel: both('CONNECT is not supported', '不支援 CONNECT'),
  bodyNeeded: both('a body is required', '需要請求內容'),
  required: both('is required', '為必填'),
  notOneOf: (names: readonly string[]) =>
    names.length === 0
      ? both('no parameters are accepted here', '這裡不接受任何參數')
      : both(`not one of ${names.join(', ')}`, `不在下列之中：${names.join('、')}`),
  limited: (max: number, after: string) =>
    both(`more than ${max} requests per minute: retry in ${after}`, `每分鐘超過 ${max} 個請求：請在 ${after} 後再試`),
  tooManyStreams: both('too many event streams are open', '開啟的事件串流過多'),
  yourStreams: (max: number) =>
    both(`you already have ${max} event streams open, the limit`, `您已開啟 ${max} 個事件串流，達到上限`),
  tenantStreams: (max: number) =>
    both(`your tenant already has ${max} event streams open, the limit`, `您的租戶已開啟 ${max} 個事件串流，達到上限`),
  keyReused: both('this Idempotency-Key was used for another request', '這個 Idempotency-Key 已用於另一個請求'),
  emptyRange: both('the time range is empty', '時間範圍是空的'),
  startBeforeEnd: both('start must be before end', 'start 必須早於 end'),
} as const

/** A dependency is down. */
export const away = {
  database: both('the database is not available', '資料庫目前無法使用'),
  bus: both('the bus is not available', '訊息匯流排目前無法使用'),
  issuer: both('the identity provider cannot be reached', '無法連線到身分提供者'),
} as const

/** The caller's name and roles, for texts. */
export interface Bearer {
  subject: string
  roles: readonly string[]
}

const doing: Readonly<Record<string, Texts>> = {
  'sre-platform:read': both('reading diagnoses', '查看診斷'),
  'sre-platform:diagnose': both('asking for a diagnosis', '要求診斷'),
  'sre-platform:approve': both('deciding on an action', '核准或拒絕動作'),
  'sre-platform:write': both('changing anything', '變更任何內容'),
}

function roleText({ subject, roles: held }: Bearer, what: Texts, roles: readonly string[]): Texts {
  const has = held.length === 0 ? both('no role', '沒有任何角色') : both(held.join(', '), `的角色是 ${held.join('、')}`)
  return both(
    `${subject} has ${has.en}; ${what.en} needs ${roles.join(' or ')}`,
    `${subject} ${has['zh-TW']}；${what['zh-TW']}需要 ${roles.join(' 或 ')}`,
  )
}

export const tokens = {
  needed: both('a bearer token is required', '需要 Bearer 權杖'),
  malformed: (why: string) => both(`the token's claims are malformed: ${why}`, `權杖的聲明格式錯誤：${why}`),
  client: (id: string) => both(`tokens of the client ${id} are not accepted here`, `這裡不接受用戶端 ${id} 的權杖`),
  expired: both('the token has expired', '權杖已過期'),
  invalid: (why: string) => both(`the token is not valid: ${why}`, `權杖無效：${why}`),
  lacksScope: (scope: string) => both(`the token lacks the scope ${scope}`, `權杖缺少範圍 ${scope}`),
  needsRole: (who: Bearer, scope: string, roles: readonly string[]) => roleText(who, doing[scope] ?? both(scope, scope), roles), // prettier-ignore
} as const

export const deciding = {
  notAPerson: both('only a person may decide, never a service account', '只有人可以決定，服務帳號不行'),
  ownRequest: both(
    'the person who requested the session may not decide on its actions',
    '發起這個工作階段的人不能核准其動作',
  ),
  ownProposal: both('the person who proposed the action may not decide on it', '提出這個動作的人不能自行決定'),
  needsRole: (who: Bearer, roles: readonly string[]) => roleText(who, both('this approval', '這個核准'), roles),
  approvedAlready: both(
    'you have already approved this action: another person has to give the second approval',
    '您已核准這個動作：第二次核准須由另一個人作出',
  ),
  oneMore: (who: string) =>
    both(`${who} approved: another person still has to approve`, `${who} 已核准，還需要另一個人核准`),
  given: (count: number, needed: number) =>
    both(`${count} of ${needed} approvals`, `${needed} 人中已有 ${count} 人核准`),
  closed: (status: string) =>
    both(`the approval is no longer open: ${status}`, `這個核准請求已結案：${wordIn('zh-TW', status)}`),
  expired: both('the approval has expired', '這個核准已逾期'),
  altered: both('the hash of the approval does not match its action', '核准的雜湊與其動作不符'),
  ignoredStatement: both(
    'an outcome published for this approval was not signed by the executor and was ignored',
    '此核准收到一筆未經執行器簽署的結果，已忽略',
  ),
  another: both('this is not the action that was reviewed', '這不是先前檢視的那個動作'),
} as const

/** Proposing an action by hand. */
export const proposing = {
  notOver: both('the diagnosis is still running: propose once it has a result', '診斷仍在執行：請待有結果後再提出'),
  noDiagnosis: (status: string) =>
    both(
      `the diagnosis was not completed (${status}): request another`,
      `診斷未完成（${wordIn('zh-TW', status)}）：請重新要求診斷`,
    ),
  tooOld: both('the diagnosis is more than a day old: request another', '診斷已超過一天：請重新要求診斷'),
  whichService: both('the diagnosis names no service: name the one to act on', '診斷沒有指出服務：請指定目標服務'),
  declined: (why: string) => both(`the action is not proposed: ${why}`, `未提出此動作：${why}`),
  examining: both(
    'the action is being examined: its approval appears in the session',
    '正在檢查此動作：核准請求將出現在工作階段中',
  ),
} as const

export const sessions = {
  over: (status: string) =>
    both(`the diagnosis has already ended: ${status}`, `診斷已經結束：${wordIn('zh-TW', status)}`),
  waits: both(
    'the diagnosis has ended, and its action waits for a decision: somebody who may decide has to reject it, or it expires',
    '診斷已經結束，其動作正等待決定：須由有權決定的人拒絕，或等待逾期',
  ),
} as const

export const capacity = {
  noHistory: (session: string) =>
    both(
      `no usage metric, or too little history, to forecast from (session ${session})`,
      `沒有用量指標或歷史資料不足，無法預測（工作階段 ${session}）`,
    ),
  notAsked: (session: string) =>
    both(`metrics could not be queried (session ${session})`, `無法查詢指標（工作階段 ${session}）`),
  untold: (session: string) =>
    both(`capacity could not be assessed (session ${session})`, `無法評估容量（工作階段 ${session}）`),
} as const

const parts: Readonly<Record<string, Texts>> = {
  body: both('body', '請求內容'),
  params: both('path', '路徑參數'),
  querystring: both('query', '查詢參數'),
  headers: both('set of headers', '標頭'),
  request: both('request', '請求'),
}
