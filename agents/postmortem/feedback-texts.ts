/** The sentences about what people said of a diagnosis. */
import { judgementText } from '../../postmortem/judgements.ts'
import { both } from '../../postmortem/words.ts'
import { sentence } from './texts.ts'

const quoted = (said: string) => (said === '' ? both('', '') : both(`: ${said}`, `：${said}`))

export const feedback = {
  /** `role`: of the person */
  given: (role: string, verdict: string, cause: string) => {
    const what = judgementText(verdict)
    return both(
      `a person with the role ${role} judged the diagnosis ${what.en}${cause === '' ? '' : `; the cause: ${cause}`}`,
      `具有 ${role} 角色的人員評價診斷為${what['zh-TW']}${cause === '' ? '' : `；原因：${cause}`}`,
    )
  },
  ruledOut: (service: string) =>
    both(`${service}: a person judged this diagnosis wrong`, `${service}：有人評價這個診斷為錯誤`),
  named: (cause: string) => both(`a person named the cause: ${cause}`, `有人指出原因：${cause}`),
  partly: (said: string) =>
    both(
      `a person judged the diagnosis partly right${quoted(said).en}`,
      `有人評價診斷為部分正確${quoted(said)['zh-TW']}`,
    ),
  differ: both(
    'people judged the diagnosis differently; the latest counts here',
    '對診斷的評價不一致，此處以最新的為準',
  ),
  wrong: (service: string, share: string, cause: string) => {
    const known = cause === '' ? both('The cause is unknown.', '原因不明。') : both(`The cause, according to a person: ${sentence(cause)}`, `有人指出的原因：${sentence(cause, '。')}`) // prettier-ignore
    return both(
      `The diagnosis was wrong: it named ${service} (${share}). ${known.en}`,
      `診斷錯誤：它指出 ${service}（${share}）。${known['zh-TW']}`,
    )
  },
  confirmed: both('a person confirmed the diagnosis', '有人確認診斷正確'),
  misled: (service: string) => both(`the diagnosis was wrong: it named ${service}`, `診斷錯誤：它指出 ${service}`),
  learn: both(
    'Find out what the wrong diagnosis did not see, and measure it',
    '查明錯誤的診斷沒有看到什麼，並加以量測',
  ),
}
