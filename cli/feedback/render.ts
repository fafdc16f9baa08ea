import type { Feedback } from '../../gateway/api.generated.ts'
import type { Language } from '../../gateway/present/language.ts'
import { both } from '../../gateway/present/texts.ts'
import { labelled, noted } from '../../gateway/present/words.ts'
import { judgementText } from '../../postmortem/judgements.ts'

const texts = {
  judged: both('diagnosis judged', '診斷評價'),
  cause: both('actual cause', '實際原因'),
  note: both('note', '備註'),
}

/** `diagnosis judged: wrong (team_manager, 2026-11-23 16:02Z); actual cause: …` */
export function feedbackLine({ verdict, root_cause, note, role, at }: Feedback, language: Language): string {
  const by = [role, `${at.slice(0, 16).replace('T', ' ')}Z`].join(language === 'zh-TW' ? '，' : ', ')
  const parts = [
    noted(language, labelled(language, texts.judged[language], judgementText(verdict)[language]), by),
    ...(root_cause === null ? [] : [labelled(language, texts.cause[language], root_cause)]),
    ...(note === null ? [] : [labelled(language, texts.note[language], note)]),
  ]
  return parts.join(language === 'zh-TW' ? '；' : '; ')
}
