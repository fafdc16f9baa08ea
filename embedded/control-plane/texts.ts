/** What the control-plane says when it says no, in both languages, beside what the gateway says in the same case. */
import { both } from '../../gateway/present/texts.ts'

export const refusals = {
  noSuch: {
    service: (name: string) => both(`no service ${name}`, `沒有服務 ${name}`),
    approval: (id: string) => both(`no approval ${id}`, `沒有核准請求 ${id}`),
    deployment: (id: string) => both(`no deployment ${id}`, `沒有部署 ${id}`),
    incident: (id: string) => both(`no incident ${id}`, `沒有事件 ${id}`),
    execution: (id: string) => both(`no execution ${id}`, `沒有執行紀錄 ${id}`),
    release: (service: string, release: string) =>
      both(`${service} has no release ${release}`, `${service} 沒有版本 ${release}`),
  },
  runsAlready: (service: string, release: string) =>
    both(`${service} runs ${release} already`, `${service} 已在執行 ${release}`),
  underWay: (service: string) => both(`a deployment of ${service} is under way`, `${service} 的部署正在進行`),
  decidedHere: both('this approval was decided here already', '這個核准已在此決定過'),
  keyNeeded: both('an Idempotency-Key of 1 to 255 characters is needed', '需要 1 到 255 個字元的 Idempotency-Key'),
  inside: both('internal error', '內部錯誤'),
} as const

export const signIn = {
  first: both('sign in first', '請先登入'),
  failed: both('the sign-in did not succeed', '登入沒有成功'),
  expired: both('this sign-in has expired: start again', '這次登入已過期：請重新開始'),
  endedHereAlone: both(
    'you are signed out here, but the identity provider could not be told',
    '您已在此登出，但無法通知身分提供者',
  ),
  notYourForm: both('this form is not yours', '這個表單不屬於您'),
} as const
