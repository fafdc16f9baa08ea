/** What a person reads first: what, since when, because of what, how sure. */
import { summaryOf } from '../../analysis/summary.ts'
import type { Verdict } from '../../analysis/verdict.ts'

export function summarize(verdict: Verdict): Record<string, string> {
  const sentences = summaryOf(verdict)
  return { en: sentences.map(({ en }) => en).join(' '), 'zh-TW': sentences.map(({ zh }) => zh).join('') }
}
