/** The summary of a verdict: symptom, onset, most likely cause, confidence. Used by the agents, the command line and its JSON. */
import { changeTexts } from './change-sentence.ts'
import { percentOf } from './ranking/confidence.ts'
import { spaced } from './text.ts'
import type { EarlierIncident, RootCause, Text, Verdict } from './verdict.ts'

/** User-facing symptoms come before resource metrics. */
const FELT = /error|fail|success|availab|latenc|duration|response/i

export function summaryOf(verdict: Verdict): Text[] {
  if (verdict.verdict === 'nothing_wrong') return nothingTexts(verdict)
  const [cause] = verdict.rootCauses
  const since = verdict.onset === null ? { en: '', zh: '' } : sinceText(verdict.onset)
  if (verdict.verdict === 'inconclusive') return openTexts(verdict, since)
  const what = symptomOf(verdict)
  return [
    what === null
      ? {
          en: since.en === '' ? 'Something is wrong.' : `Something has been wrong${since.en}.`,
          zh: `${since.zh}發生異常。`,
        }
      : { en: `${what.en}${since.en}.`, zh: `${since.zh}${what.zh}。` },
    ...phaseTexts(verdict),
    ...(cause === undefined ? [] : [aboutText('Most likely cause:', '最可能的原因是', cause, what)]),
    ...changeTexts(verdict),
    ...verdict.rootCauses.filter(({ isSeparate }) => isSeparate).map(separateText),
    ...verdict.earlier.map(earlierText),
    ...(cause === undefined ? [] : [sureText(verdict.confidence)]),
  ]
}

/** Texts for `inconclusive`: first the faults that need no baseline (`standing`), then the best candidate. */
function openTexts(verdict: Verdict, since: Text): Text[] {
  const { standing, earlier, rootCauses: [cause] } = verdict // prettier-ignore
  const stands = standing.slice(0, STANDING).map(({ en, zh }): Text => ({ en: `${capital(en)}.`, zh: `${zh}。` }))
  const isNear = cause !== undefined && cause.score > 0
  return [
    ...stands,
    stands.length > 0 && !isNear
      ? { en: 'No measured signal left its usual range, but that does not rule out a problem.', zh: '量測到的資料都未超出平常的波動，但不足以排除異常。' } // prettier-ignore
      : { en: `Something may be wrong${since.en}, but there is not enough data to tell.`, zh: `${since.zh}可能有異常，但現有資料不足以判定。` }, // prettier-ignore
    ...(isNear ? [aboutText('Best candidate:', '目前最可疑的是', cause), ...changeTexts(verdict)] : []),
    ...earlier.map(earlierText),
  ]
}

const STANDING = 3
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** Ongoing, recovering or over, with the time it was last seen so: the text is also read later, and about recordings. */
function phaseTexts({ phase, asOf, cameBackAfter: change, rootCauses: [cause] }: Verdict): Text[] {
  if (phase === 'going_on')
    return [{ en: `Ongoing as of ${instantOf(asOf)}.`, zh: `截至 ${instantOf(asOf)} 仍在持續。` }]
  if (phase === 'recovering') return [{ en: `Recovering as of ${instantOf(asOf)}.`, zh: `截至 ${instantOf(asOf)} 正在恢復。` }] // prettier-ignore
  if (phase === null) return []
  const until = cause?.until ?? null
  const after = change === undefined ? { en: '', zh: '' } : { en: `, after the ${change.en}`, zh: `，發生在${spaced(change.zh)}之後` } // prettier-ignore
  return until === null
    ? [{ en: `It is over${after.en}.`, zh: `已結束${after.zh}。` }]
    : [{ en: `It was over by ${instantOf(until)}${after.en}.`, zh: `已於 ${instantOf(until)} 結束${after.zh}。` }]
}

const separateText = ({ service, explanation, since, until, phase }: RootCause): Text => {
  const from = since === null ? { en: '', zh: '' } : { en: ` since ${instantOf(since)}`, zh: `，自 ${instantOf(since)} 起` } // prettier-ignore
  const to = phase !== 'over' ? { en: '', zh: '' } : until === null ? { en: ', over by now', zh: '，已結束' } : { en: `, over by ${instantOf(until)}`, zh: `，於 ${instantOf(until)} 結束` } // prettier-ignore
  const what = { en: explanation.en.replace(/\.$/, ''), zh: explanation.zh.replace(/。$/, '') }
  const names = what.en.startsWith(service) ? ['', ''] : [`${service}: `, `${service}：`]
  return {
    en: `Separate, unrelated problem: ${names[0]}${what.en}${from.en}${to.en}.`,
    zh: `另有一個無關的異常：${names[1]}${what.zh}${from.zh}${to.zh}。`,
  }
}

const earlierText = ({ service, since, until }: EarlierIncident): Text =>
  service === ''
    ? { en: `Earlier incident from ${instantOf(since)}${until === null ? '' : ` to ${instantOf(until)}`}, now over.`, zh: `稍早自 ${instantOf(since)} 起${until === null ? '' : `至 ${instantOf(until)} `}也曾有異常，已結束。` } // prettier-ignore
    : until === null
    ? { en: `Earlier incident on ${service}, from ${instantOf(since)}, now over.`, zh: `稍早自 ${instantOf(since)} 起 ${service} 也曾異常，已結束。` } // prettier-ignore
    : { en: `Earlier incident on ${service}, from ${instantOf(since)} to ${instantOf(until)}, now over.`, zh: `稍早 ${instantOf(since)} 至 ${instantOf(until)} ${service} 也曾異常，已結束。` } // prettier-ignore

/** The first user-facing metric finding, else the first metric finding. */
function symptomOf({ findings }: Verdict): Text | null {
  const moved = findings.filter(({ source }) => source === 'metrics')
  return (moved.find(({ message }) => FELT.test(message.en)) ?? moved[0])?.message ?? null
}

const instantOf = (time: number): string => `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC`

const sinceText = (onset: number): Text => ({ en: ` since ${instantOf(onset)}`, zh: `自 ${instantOf(onset)} 起，` })

/** What was compared, the largest move, and the confidence: enough to check the all-clear. */
function nothingTexts({ rootCauses, compared, findings: [furthest], confidence }: Verdict): Text[] {
  const count = rootCauses.length
  const [en, zh] = compared === undefined ? ['', ''] : [` from ${instantOf(compared.start)} to ${instantOf(compared.end)}`, `${instantOf(compared.start)} 至 ${instantOf(compared.end)} `] // prettier-ignore
  return [
    {
      en: `Nothing unusual${en}: compared with the baseline, ${count === 1 ? 'the one service' : `none of the ${count} services`} moved ${count === 1 ? 'no further than' : 'beyond'} its usual noise.`,
      zh: `${zh}沒有發現異常：與基準時段相比，${count} 個服務的變化都未超出平常的波動。`,
    },
    ...(furthest === undefined
      ? []
      : [{ en: `Largest move: ${furthest.message.en}.`, zh: `變化最大的是 ${furthest.message.zh}。` }]),
    sureText(confidence),
  ]
}

/** An explanation may already begin with its service; the symptom of the previous sentence is not repeated. */
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

/** A new system may differ from those that the model was fitted on: how far is measured with each of them left out, but for this one nobody knows. */
function sureText(confidence: number): Text {
  const shown = percentOf(confidence)
  return {
    en: `Confidence ${shown} % (estimated from other systems).`,
    zh: `信心分數 ${shown} %（依其他系統的結果推估）。`,
  }
}
