/** The sentence about the changes: which one did it, which ones may have, or that probably none did. */
import { LIKELY } from './ranking/change-shares.ts'
import { percentOf } from './ranking/confidence.ts'
import { spaced } from './text.ts'
import type { ChangeSuspect, SuspectedChanges, Text, Verdict } from './verdict.ts'

/** Alternatives below this are not mentioned. */
const MENTIONED = 0.1

/** Empty: no change is known. */
export function changeTexts({ suspectedChanges, rootCauses: [cause] }: Verdict): Text[] {
  if (suspectedChanges === null) return []
  const [first] = suspectedChanges.suspects
  if (first === undefined || suspectedChanges.none > LIKELY) return [noneText(suspectedChanges)]
  if (first.probability > LIKELY) return [likelyText(first, first.changeId === cause?.changeId)]
  return [openText(suspectedChanges)]
}

/** `isTold`: the explanation of the cause names the change already. */
function likelyText({ probability, text }: ChangeSuspect, isTold: boolean): Text {
  const percent = percentOf(probability)
  if (isTold)
    return { en: `Probability that this change caused it: ${percent} %.`, zh: `此變更造成異常的機率為 ${percent} %。` }
  return {
    en: `The ${text.en} probably caused it (${percent} %).`,
    zh: `很可能是${spaced(text.zh)}造成的，機率為 ${percent} %。`,
  }
}

function noneText({ suspects, none }: SuspectedChanges): Text {
  const others = suspects.filter(({ probability }) => probability >= MENTIONED).map(shareText)
  const [en, zh] =
    others.length === 0 ? ['', ''] : [`; less likely: ${listed(others).en}`, `；其他可能：${listed(others).zh}`]
  return {
    en: `Probably no known change caused it (${percentOf(none)} %)${en}.`,
    zh: `很可能不是已知的變更造成的（${percentOf(none)} %）${zh}。`,
  }
}

function openText({ suspects, none }: SuspectedChanges): Text {
  const mentioned = suspects.filter(({ probability }) => probability >= MENTIONED)
  if (mentioned.length === 0)
    return {
      en: `Any of ${suspects.length} changes may have caused it; none stands out.`,
      zh: `有 ${suspects.length} 項變更可能造成異常，其中沒有特別可疑的。`,
    }
  const rest = percentOf(none)
  const alternatives = listed([
    ...mentioned.map(shareText),
    ...(rest === 0 ? [] : [{ en: `${rest} % none of them`, zh: `都不是 ${rest} %` }]),
  ])
  return {
    en: `Which change caused it, if any, is open: ${alternatives.en}.`,
    zh: `尚無法確定是哪一項變更造成，也可能都不是：${alternatives.zh}。`,
  }
}

const shareText = ({ probability, text: { en, zh } }: ChangeSuspect): Text => ({
  en: `${percentOf(probability)} % ${en}`,
  zh: `${zh} ${percentOf(probability)} %`,
})

const listed = (texts: readonly Text[]): Text => ({
  en: texts.map(({ en }) => en).join('; '),
  zh: texts.map(({ zh }) => zh).join('、'),
})
