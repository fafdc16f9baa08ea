/** The control-plane's own refusals, in both languages; shared ones are in the gateway's texts. */
import { both } from '../../gateway/present/texts.ts'

export const refusals = {
  noSuch: {
    service: (name: string) => both(`no service ${name}`, `沒有服務 ${name}`),
    approval: (id: string) => both(`no approval ${id}`, `沒有核准請求 ${id}`),
    deployment: (id: string) => both(`no deployment ${id}`, `沒有部署 ${id}`),
    incident: (id: string) => both(`no incident ${id}`, `沒有事故 ${id}`),
    execution: (id: string) => both(`no execution ${id}`, `沒有執行紀錄 ${id}`),
    release: (service: string, release: string) =>
      both(`${service} has no release ${release}`, `${service} 沒有版本 ${release}`),
  },
  runsAlready: (service: string, release: string) =>
    both(`${service} already runs ${release}`, `${service} 已在執行 ${release}`),
  underWay: (service: string) => both(`a deployment of ${service} is in progress`, `${service} 的部署正在進行`),
  keyNeeded: both('an Idempotency-Key of 1 to 255 characters is required', '需要 1 到 255 個字元的 Idempotency-Key'),
  alertsToken: both(
    'a notification needs the bearer token of CONTROL_PLANE_ALERTS_TOKEN',
    '通知需要 CONTROL_PLANE_ALERTS_TOKEN 的 bearer token',
  ),
  inside: both('internal error', '內部錯誤'),
} as const

export const signIn = {
  first: both('sign in first', '請先登入'),
  failed: both('sign-in failed', '登入失敗'),
  expired: both('this sign-in has expired: start again', '這次登入已過期：請重新開始'),
  endedHereAlone: both(
    'you are signed out here, but the identity provider could not be reached',
    '您已在此登出，但無法連線到身分提供者',
  ),
  notYourForm: both(
    'this form belongs to another session; reload the page',
    '這個表單屬於另一個工作階段，請重新載入頁面',
  ),
} as const
