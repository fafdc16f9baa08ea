/** One recorded change on one line. */
import { changedText } from '../../analysis/text.ts'
import type { Language } from '../../gateway/present/language.ts'
import type { Events } from '../../schemas/events.generated.ts'

export function changeLine(change: Events['ChangeRecorded'], language: Language): string {
  const { type, service, occurred_at: timestamp, summary } = change
  const detail = { before: stateOf(change.before), after: stateOf(change.after) }
  const { en, zh } = changedText({ type, service, timestamp, summary, detail })
  return language === 'zh-TW' ? zh : en
}

/** A state is JSON or plain text. */
function stateOf(text: string | null): unknown {
  try {
    return text === null ? null : (JSON.parse(text) as unknown)
  } catch {
    return text
  }
}
