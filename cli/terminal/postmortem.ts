/** The first lines of a postmortem, and how to read the whole of it. */
import { inLanguage, type Language } from '../../gateway/present/language.ts'
import { labelled } from '../../gateway/present/words.ts'
import { reportSchema } from '../../postmortem/report.ts'
import type { PostmortemCompleted } from '../../schemas/events.generated.ts'
import { type Line, paint, painted } from './line.ts'

const WORDS = {
  en: { postmortem: 'postmortem', whole: 'the whole report', page: 'as a page' },
  'zh-TW': { postmortem: '事後檢討', whole: '完整報告', page: '網頁版' },
} as const

export function postmortemLines(result: PostmortemCompleted, language: Language): Line[] {
  const { postmortem, whole, page } = WORDS[language]
  if (result.report === null) return [paint('red', labelled(language, postmortem, inLanguage(result.summary, language)))] // prettier-ignore
  const command = `npx sre postmortem show ${result.postmortem_id.slice(-6)}`
  return [
    paint('bold', labelled(language, postmortem, inLanguage(result.title, language))),
    ...sentences(result, language).map((sentence) => painted`  ${sentence}`),
    paint('dim', `  ${labelled(language, whole, command)}`),
    paint('dim', `  ${labelled(language, page, `${command} --format html --output postmortem.html`)}`),
  ]
}

/** Anyone could have published the event: of what is no report, its summary is shown. */
function sentences({ report, summary }: PostmortemCompleted, language: Language): string[] {
  try {
    return reportSchema.parse(JSON.parse(report ?? '')).summary.map(({ text }) => text[language])
  } catch {
    return [inLanguage(summary, language)]
  }
}
