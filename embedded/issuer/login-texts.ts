/** The sign-in page, in both languages. */
import { both } from '../../gateway/present/texts.ts'

export const loginTexts = {
  title: both('SRE Platform: sign in', 'SRE Platform：登入'),
  tooLong: both('Too long.', '內容過長。'),
  tooMany: both('Too many attempts at the same time: try again.', '同時嘗試的次數過多，請再試一次。'),
  wrong: both('Unknown name or wrong password.', '帳號或密碼錯誤。'),
  expired: both('This sign-in has expired: start again.', '登入已過期，請重新開始。'),
  /** `client`, `to` and `scopes` are HTML */
  asked: (client: string, to: string, scopes: string) =>
    both(
      `The client ${client} listening at ${to} will act on your behalf, within your roles: ${scopes}. Continue only if you have just started this sign-in there.`,
      `在 ${to} 接聽的用戶端 ${client} 將代表您執行操作，範圍以您的角色為限：${scopes}。請確認這是您剛才在該處開始的登入，再繼續。`,
    ),
  goesTo: (redirect: string) => both(`You will be redirected to ${redirect}`, `完成後會導回 ${redirect}`),
  name: both('Name', '帳號'),
  password: both('Password', '密碼'),
  allow: both('Sign in and allow', '登入並允許'),
  deny: both('Deny', '拒絕'),
} as const
