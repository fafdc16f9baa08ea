/** What a person reads first: what and since when, because of what, how sure. The same for the agents, the command line and its JSON. */
import { percentOf, UNSEEN } from './ranking/confidence.ts'
import type { EarlierIncident, RootCause, Text, Verdict } from './verdict.ts'

/** What users feel comes before what a machine shows. */
const FELT = /error|fail|success|availab|latenc|duration|response/i

export function summaryOf(verdict: Verdict): Text[] {
  if (verdict.verdict === 'nothing_wrong') return nothingTexts(verdict)
  const [cause] = verdict.rootCauses
  const since = verdict.onset === null ? { en: '', zh: '' } : sinceText(verdict.onset)
  if (verdict.verdict === 'inconclusive') return openTexts(verdict, since)
  const what = symptomOf(verdict)
  return [
    what === null
      ? { en: `Something is wrong${since.en}.`, zh: `${since.zh}發生異常。` }
      : { en: `${what.en}${since.en}.`, zh: `${since.zh}${what.zh}。` },
    ...phaseTexts(verdict),
    ...(cause === undefined ? [] : [aboutText('Most likely because of', '最可能的原因是', cause, what)]),
    ...verdict.rootCauses.filter(({ isSeparate }) => isSeparate).map(separateText),
    ...verdict.earlier.map(earlierText),
    ...(cause === undefined ? [] : [sureText(verdict)]),
  ]
}

/** What stands by itself is said; else what is nearest to a cause. */
function openTexts({ standing, rootCauses: [cause] }: Verdict, since: Text): Text[] {
  const stands = standing.slice(0, STANDING).map(({ en, zh }): Text => ({ en: `${capital(en)}.`, zh: `${zh}。` }))
  const isNear = cause !== undefined && cause.score > 0
  return [
    ...stands,
    stands.length > 0 && !isNear
      ? { en: 'Nothing that was measured moved beyond what is usual, which does not clear it.', zh: '量測到的資料都未超出平常的波動，但不足以排除異常。' } // prettier-ignore
      : { en: `Something may be wrong${since.en}, but what was recorded does not suffice for a conclusion.`, zh: `${since.zh}可能有異常，但現有紀錄不足以得出結論。` }, // prettier-ignore
    ...(isNear ? [aboutText('Closest to a cause is', '最接近原因的是', cause)] : []),
  ]
}

const STANDING = 3
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** Whether it goes on, in the words of an incident channel. */
function phaseTexts({ phase, cameBackAfter: change, rootCauses: [cause] }: Verdict): Text[] {
  if (phase === 'going_on') return [{ en: 'It is still going on.', zh: '目前仍在持續。' }]
  if (phase === 'recovering') return [{ en: 'It is recovering.', zh: '目前正在恢復。' }]
  if (phase === null) return []
  const until = cause?.until ?? null
  const after = change === undefined ? { en: '', zh: '' } : { en: `, after the ${change.en}`, zh: `，在${change.zh}之後` } // prettier-ignore
  return until === null
    ? [{ en: `It is over${after.en}.`, zh: `目前已結束${after.zh}。` }]
    : [{ en: `It was over by ${instantOf(until)}${after.en}.`, zh: `已於 ${instantOf(until)} 結束${after.zh}。` }]
}

const separateText = ({ service, explanation, since, until, phase }: RootCause): Text => {
  const from = since === null ? { en: '', zh: '' } : { en: ` since ${instantOf(since)}`, zh: `，自 ${instantOf(since)} 起` } // prettier-ignore
  const to = phase !== 'over' ? { en: '', zh: '' } : until === null ? { en: ', over by now', zh: '，已結束' } : { en: `, over by ${instantOf(until)}`, zh: `，於 ${instantOf(until)} 結束` } // prettier-ignore
  const what = { en: explanation.en.replace(/\.$/, ''), zh: explanation.zh.replace(/。$/, '') }
  const names = what.en.startsWith(service) ? ['', ''] : [`${service}: `, `${service}：`]
  return {
    en: `A separate fault, which does not explain it: ${names[0]}${what.en}${from.en}${to.en}.`,
    zh: `另有一個無關的異常：${names[1]}${what.zh}${from.zh}${to.zh}。`,
  }
}

const earlierText = ({ service, since, until }: EarlierIncident): Text =>
  until === null
    ? { en: `Earlier, from ${instantOf(since)} on, ${service} was disturbed; that is over.`, zh: `稍早自 ${instantOf(since)} 起 ${service} 也曾異常，已結束。` } // prettier-ignore
    : { en: `Earlier, from ${instantOf(since)} to ${instantOf(until)}, ${service} was disturbed; that is over.`, zh: `稍早 ${instantOf(since)} 至 ${instantOf(until)} ${service} 也曾異常，已結束。` } // prettier-ignore

/** The first finding that users feel, else the first one of a metric. */
function symptomOf({ findings }: Verdict): Text | null {
  const moved = findings.filter(({ source }) => source === 'metrics')
  return (moved.find(({ message }) => FELT.test(message.en)) ?? moved[0])?.message ?? null
}

const instantOf = (time: number): string => `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC`

const sinceText = (onset: number): Text => ({ en: ` since ${instantOf(onset)}`, zh: `自 ${instantOf(onset)} 起，` })

/** What was looked at, what went furthest there, and how sure: nobody need believe it blindly. */
function nothingTexts({ rootCauses, compared, findings: [furthest], confidence }: Verdict): Text[] {
  const count = rootCauses.length
  const [en, zh] = compared === undefined ? ['', ''] : [` from ${instantOf(compared.start)} to ${instantOf(compared.end)}`, `${instantOf(compared.start)} 至 ${instantOf(compared.end)} `] // prettier-ignore
  return [
    {
      en: `Nothing unusual was found${en}: of ${count} ${count === 1 ? 'service' : 'services'}, compared with the time before, none moved beyond what chance shows here.`,
      zh: `${zh}沒有發現異常：與先前相比，${count} 個服務的變化都未超出平常的波動。`,
    },
    ...(furthest === undefined
      ? []
      : [{ en: `Furthest went ${furthest.message.en}.`, zh: `變化最大的是 ${furthest.message.zh}。` }]),
    {
      en: `Confidence ${percentOf(confidence)} % (${percentOf(UNSEEN.nothing)} % at most: so much held on systems it was not tuned on).`,
      zh: `把握程度 ${percentOf(confidence)} %（上限 ${percentOf(UNSEEN.nothing)} %：依未參與調校的系統實測）。`,
    },
  ]
}

/** Texts may name their service themselves; what was said in the sentence before is not said again. */
function aboutText(
  en: string,
  zh: string,
  { service, explanation }: Verdict['rootCauses'][number],
  said: Text | null = null,
): Text {
  if (said !== null && explanation.en.startsWith(said.en) && explanation.zh.startsWith(said.zh))
    return {
      en: `${en} ${service}${explanation.en.slice(said.en.length)}`,
      zh: `${zh} ${service}${explanation.zh.slice(said.zh.length)}`,
    }
  const names = explanation.en.startsWith(service)
  return {
    en: `${en} ${names ? '' : `${service}: `}${explanation.en}`,
    zh: `${zh} ${names ? '' : `${service}：`}${explanation.zh}`,
  }
}

const sureText = ({ confidence }: Verdict): Text => ({
  en: `Confidence ${percentOf(confidence)} % (${percentOf(UNSEEN.blame)} % at most: so much held on systems it was not tuned on).`,
  zh: `把握程度 ${percentOf(confidence)} %（上限 ${percentOf(UNSEEN.blame)} %：依未參與調校的系統實測）。`,
})
