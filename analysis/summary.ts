/** What a person reads first: what and since when, because of what, how sure. The same for the agents, the command line and its JSON. */
import { percentOf } from './ranking/confidence.ts'
import type { Text, Verdict } from './verdict.ts'

/** What users feel comes before what a machine shows. */
const FELT = /error|fail|success|availab|latenc|duration|response/i

export function summaryOf(verdict: Verdict): Text[] {
  if (verdict.verdict === 'nothing_wrong') return nothingTexts(verdict)
  const [cause] = verdict.rootCauses
  const since = verdict.onset === null ? { en: '', zh: '' } : sinceText(verdict.onset)
  if (verdict.verdict === 'inconclusive')
    return [
      {
        en: `Something may be wrong${since.en}, but what was recorded does not suffice for a conclusion.`,
        zh: `${since.zh}可能有異常，但現有紀錄不足以得出結論。`,
      },
      ...(cause === undefined || cause.score === 0
        ? []
        : [aboutText('Closest to a cause is', '最接近原因的是', cause)]),
    ]
  const what = symptomOf(verdict)
  return [
    what === null
      ? { en: `Something is wrong${since.en}.`, zh: `${since.zh}發生異常。` }
      : { en: `${what.en}${since.en}.`, zh: `${since.zh}${what.zh}。` },
    ...(cause === undefined
      ? []
      : [aboutText('Most likely because of', '最可能的原因是', cause, what), sureText(verdict)]),
  ]
}

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
      en: `How sure: of answers like this on public data, nothing was wrong in ${percentOf(confidence)} of 100.`,
      zh: `把握程度：在公開資料中，類似的答案每 100 次有 ${percentOf(confidence)} 次確實沒有異常。`,
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
  en: `How sure: of answers like this on public incidents, the first was right in ${percentOf(confidence)} of 100.`,
  zh: `把握程度：在公開事故資料中，類似的答案每 100 次有 ${percentOf(confidence)} 次第一項正確。`,
})
