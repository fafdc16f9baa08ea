/** What the gateway itself says, in both languages. What agents and people say comes with their events. */
import type { Language } from './language.ts'
import { wordIn } from './words.ts'

export type Texts = Readonly<Record<Language, string>>

export const both = (en: string, chinese: string): Texts => ({ en, 'zh-TW': chinese })

export const said = {
  asked: both('the diagnosis has been asked for', '已要求診斷'),
  stopping: both('it will stop at its next step', '將在下一個步驟停止'),
  stillAtIt: both(
    'it takes longer than a request may wait: ask for the status of the session',
    '所需時間超過請求可等待的時間：請查詢工作階段的狀態',
  ),
} as const

const things = { approval: '核准請求', session: '工作階段', evidence: '證據', service: '服務' } as const

/** Why it says no. */
export const refusals = {
  noRoute: both('there is no such route', '沒有這個路徑'),
  noMethod: (methods: string) => both(`this path takes only ${methods}`, `這個路徑只接受 ${methods}`),
  noSuch: (thing: keyof typeof things) => both(`no such ${thing}`, `沒有這個${things[thing]}`),
  inside: both('something went wrong here; the log has it under this request id', '內部發生錯誤；日誌以此請求編號記錄'),
  notReadable: (why: string) => both(why, `無法讀取這個請求：${why}`),
  notDescribed: (part: string) => {
    const { en, 'zh-TW': chinese } = parts[part] ?? both(part, part)
    return both(`the ${en} is not as described`, `${chinese}不符合說明`)
  },
  notification: (services: readonly string[]) => {
    const asked = JSON.stringify({ affected_services: services.length === 0 ? ['<service>'] : services })
    return both(
      `this is a notification of Alertmanager; nothing takes those here. To have its alerts diagnosed, send POST /api/v1/diagnostics/alerts with ${asked}`,
      `這是 Alertmanager 的通知，此處不接收。若要診斷其中的警報，請以 ${asked} 呼叫 POST /api/v1/diagnostics/alerts`,
    )
  },
  more: (count: number) => both(`and ${count} more`, `另有 ${count} 項`),
  stopped: both(
    'there may be more: a body of this size is looked at only until something is wrong',
    '可能還有其他問題：這樣大小的請求內容只檢查到第一個錯誤為止',
  ),
  notDecodable: both('is not percent-encoded UTF-8', '不是以百分號編碼的 UTF-8'),
  noHost: both('the header Host is missing', '缺少 Host 標頭'),
  malformed: both('the request is not HTTP', '這個請求不符合 HTTP'),
  headersTooLarge: both('the headers of the request are too large', '請求的標頭過大'),
  tooLarge: both('the request is too large', '請求過大'),
  tooSlow: both('the request took too long to arrive', '請求傳送的時間過長'),
  noExpectation: both('only the expectation 100-continue is met', '只支援 100-continue 這個期望'),
  noTunnel: both('there are no tunnels here', '這裡不提供通道'),
  bodyNeeded: both('a body is needed', '需要請求內容'),
  required: both('is required', '為必填'),
  notOneOf: (names: readonly string[]) =>
    names.length === 0
      ? both('nothing is taken here', '這裡不接受任何參數')
      : both(`not one of ${names.join(', ')}`, `不在下列之中：${names.join('、')}`),
  limited: (max: number, after: string) =>
    both(`more than ${max} requests a minute: try again in ${after}`, `每分鐘超過 ${max} 個請求：請在 ${after} 後再試`),
  tooManyStreams: both('too many event streams are open', '開啟的事件串流過多'),
  yourStreams: (max: number) =>
    both(`you have ${max} event streams open, as many as you may`, `您已開啟 ${max} 個事件串流，達到上限`),
  tenantStreams: (max: number) =>
    both(`your tenant has ${max} event streams open, as many as it may`, `您的租戶已開啟 ${max} 個事件串流，達到上限`),
  keyReused: both('this Idempotency-Key was used for another request', '這個 Idempotency-Key 已用於另一個請求'),
  emptyRange: both('the time range is empty', '時間範圍是空的'),
  startBeforeEnd: both('start must be before end', 'start 必須早於 end'),
} as const

/** What it stands on is away. */
export const away = {
  database: both('the database is not available', '資料庫目前無法使用'),
  bus: both('the bus is not available', '訊息匯流排目前無法使用'),
  issuer: both('the identity provider cannot be asked', '無法查詢身分提供者'),
} as const

/** Who asks, with what they were given. */
export interface Bearer {
  subject: string
  roles: readonly string[]
}

const doing: Readonly<Record<string, Texts>> = {
  'sre-platform:read': both('reading diagnoses', '查看診斷'),
  'sre-platform:diagnose': both('asking for a diagnosis', '要求診斷'),
  'sre-platform:approve': both('deciding on an action', '決定動作'),
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
  ownRequest: both('who asked for the session may not decide on its actions', '要求這個工作階段的人不能決定它的動作'),
  needsRole: (who: Bearer, roles: readonly string[]) => roleText(who, both('this approval', '這個核准'), roles),
  closed: (status: string) =>
    both(`the approval is no longer open: ${status}`, `這個核准已不再開放：${wordIn('zh-TW', status)}`),
  expired: both('the approval has expired', '這個核准已逾期'),
  altered: both('the approval does not carry the hash of its own action', '這個核准所帶的雜湊不屬於它自己的動作'),
  ignoredStatement: both(
    'somebody published an outcome of this approval that the executor did not sign; it was ignored',
    '有人發布了執行者未簽署的核准結果；已忽略',
  ),
  another: both('the action is not the one that was looked at', '這不是先前檢視的那個動作'),
} as const

export const sessions = {
  over: (status: string) =>
    both(`the diagnosis is already over: ${status}`, `診斷已經結束：${wordIn('zh-TW', status)}`),
} as const

export const capacity = {
  noHistory: (session: string) =>
    both(
      `too little is recorded of these resources to answer yet (session ${session})`,
      `這些資源的紀錄還太少，無法評估（工作階段 ${session}）`,
    ),
  notAsked: (session: string) =>
    both(`the metrics could not be asked (session ${session})`, `無法查詢指標（工作階段 ${session}）`),
  untold: (session: string) =>
    both(`the capacity could not be told (session ${session})`, `無法評估容量（工作階段 ${session}）`),
} as const

const parts: Readonly<Record<string, Texts>> = {
  body: both('body', '請求內容'),
  params: both('path', '路徑參數'),
  querystring: both('query', '查詢參數'),
  headers: both('set of headers', '標頭'),
  request: both('request', '請求'),
}
