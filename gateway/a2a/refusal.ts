/** What A2A answers to what the gateway refuses: its own coded errors for a request's fault, the HTTP status for everything else. */
import {
  A2AError,
  ContentTypeNotSupportedError,
  RequestMalformedError,
  restStatusFor,
  toJsonRpcError,
  toRestErrorBody,
} from '@a2a-js/sdk/errors'
import { both, type Texts } from '../present/texts.ts'
import type { ApiError } from '../errors.ts'
import type { Language } from '../present/language.ts'

/** Texts of this folder's errors. */
export const a2aTexts = {
  noTask: (id: string) => both(`no task ${id}`, `沒有任務 ${id}`),
  notYet: both(
    'the task was started and cannot be read yet: send the same message again',
    '任務已開始，但尚無法讀取：請再送出同一則訊息',
  ),
  over: (state: string) =>
    both(
      `the task has ended (${state}): send a new message without taskId`,
      `任務已結束（${state}）：請送出不含 taskId 的新訊息`,
    ),
  working: both(
    'a task takes no further messages: wait for its end, cancel it, or send a new message without taskId',
    '任務進行中不接受其他訊息：請等待結束、取消，或送出不含 taskId 的新訊息',
  ),
  otherContext: both('the task belongs to another contextId', '任務屬於另一個 contextId'),
  notCancelable: both('only a diagnosis can be canceled', '只有診斷可以取消'),
  notSubscribable: both('the task has ended: read it with GetTask', '任務已結束：請以 GetTask 讀取'),
  pushOrigin: both(
    'url must be of an origin that the operator allows (A2A_PUSH_ORIGINS), without user name and password',
    'url 的來源必須是維運人員允許的（A2A_PUSH_ORIGINS），且不含使用者名稱與密碼',
  ),
  pushHeaders: both(
    'id, token or authentication is too long or has characters that are not allowed',
    'id、token 或 authentication 過長，或含有不允許的字元',
  ),
  tooManyPushes: (most: number) => both(`a task may have at most ${most} configs`, `一個任務最多只能有 ${most} 個設定`),
  noPushConfig: (id: string) => both(`the task has no push-notification config ${id}`, `任務沒有推播通知設定 ${id}`),
  noPush: both('push notifications are not offered: use SubscribeToTask', '不提供推播通知：請使用 SubscribeToTask'),
  otherTenant: both('the tenant comes from the token: leave it out', '租戶由權杖決定：請勿指定'),
  notAUser: both('message.role must be ROLE_USER', 'message.role 必須是 ROLE_USER'),
  noMessageId: both('message.messageId must have 1 to 128 visible characters', 'message.messageId 必須是 1 至 128 個可見字元'), // prettier-ignore
  badContextId: both('contextId must have 1 to 128 visible characters', 'contextId 必須是 1 至 128 個可見字元'),
  noParts: both('message.parts must have one text or one data part', 'message.parts 必須有一個文字或資料部分'),
  badPart: both(
    'only parts with text (text/plain) or data (application/json) are read: send a data part with the body of POST /api/v1/diagnostics/alerts',
    '只讀取文字（text/plain）或資料（application/json）部分：請以資料部分送出 POST /api/v1/diagnostics/alerts 的內容',
  ),
  notAnObject: both('a data part must be an object', '資料部分必須是物件'),
  oneData: both('only one data part is read', '只讀取一個資料部分'),
  noSkill: (skills: readonly string[]) =>
    both(`skill is not one of ${skills.join(', ')}`, `skill 不在下列之中：${skills.join('、')}`),
  badNumber: (name: string) => both(`${name} is not valid`, `${name} 不正確`),
  badPage: both('pageToken is not one that this list gave', 'pageToken 不是這個清單給的'),
  unclearService: (near: readonly string[]) => {
    const known = near.length === 0 ? both('', '') : both(` Known services: ${near.join(', ')}.`, `已知的服務：${near.join('、')}。`) // prettier-ignore
    return both(
      `which service is meant? Name it as the telemetry does, or send a data part such as {"affected_services": ["cart"]}.${known.en}`,
      `是哪一個服務？請寫出它在遙測資料中的名稱，或送出資料部分，例如 {"affected_services": ["cart"]}。${known['zh-TW']}`,
    )
  },
  unclearTime: both(
    'which time is meant? Write RFC 3339 times (2026-11-29T10:00:00Z), "last 30 minutes", or no time for now; or send a data part with time_range',
    '是哪一段時間？請寫 RFC 3339 時間（2026-11-29T10:00:00Z）、「過去 30 分鐘」，或不寫時間表示現在；也可送出含 time_range 的資料部分',
  ),
  unclearReport: both(
    'a postmortem of what? Name incident or session ids, as in "postmortem of INC-7", or send a data part such as {"skill": "postmortem", "incident_ids": ["INC-7"]}',
    '要撰寫哪一個事故的事後檢討？請寫出事故或工作階段編號，例如「INC-7 的事後檢討」，或送出資料部分，例如 {"skill": "postmortem", "incident_ids": ["INC-7"]}',
  ),
  incidentAlone: (id: string) =>
    both(
      `${id} is an incident: write "postmortem of ${id}", or send a data part such as {"incident_ids": ["${id}"]} for a diagnosis`,
      `${id} 是事故：請寫「${id} 的事後檢討」，或送出資料部分，例如 {"incident_ids": ["${id}"]}，以進行診斷`,
    ),
  noVerb: both('a task has no such operation', '任務沒有這個操作'),
  notARequest: both(
    'the body is no JSON-RPC 2.0 request: send jsonrpc "2.0", method, params and, as a string or a number, id',
    '請求內容不是 JSON-RPC 2.0 請求：請送出 jsonrpc "2.0"、method、params，以及字串或數字的 id',
  ),
  notJson: both('the body is not JSON', '請求內容不是 JSON'),
  badForm: both('the request does not have the form that A2A 1.0 describes', '請求不符合 A2A 1.0 的格式'),
} as const

type ProtocolError = new (message: string) => A2AError

export const refuse = (Kind: ProtocolError, texts: Texts, language: Language): A2AError => new Kind(texts[language])

/** The gateway's codes that A2A has an error for; the others are told by the HTTP status. */
const MALFORMED: ReadonlySet<string> = new Set([
  ...['INVALID_REQUEST', 'VALIDATION_ERROR', 'RESOURCE_NOT_FOUND', 'RESOURCE_CONFLICT'],
])

/** The A2A error that means the same; null: A2A leaves it to HTTP, such as 401, 413 and 429. */
export function asProtocolError(error: ApiError, language: Language): A2AError | null {
  if (error.status === 415) return new ContentTypeNotSupportedError(error.texts[language])
  if (!MALFORMED.has(error.code) || error.status === 413 || error.status === 405) return null
  const details = (error.details ?? []).map(({ field, message }) =>
    field === undefined ? message[language] : `${field}: ${message[language]}`,
  )
  return new RequestMalformedError([error.texts[language], ...details].join('; '))
}

export interface Refused {
  status: number
  body: object
}

export const restRefusal = (error: A2AError): Refused => {
  const status = restStatusFor(error)
  return { status, body: toRestErrorBody(error, status) }
}

/** JSON-RPC tells its errors in the body of a 200. */
export const rpcRefusal = (error: A2AError, id: unknown): Refused => ({
  status: 200,
  body: { jsonrpc: '2.0', id: rpcId(id), error: toJsonRpcError(error) },
})

/** The id to answer with: one that JSON-RPC allows, else null. */
export const rpcId = (id: unknown): string | number | null =>
  typeof id === 'string' || typeof id === 'number' ? id : null
