/** What people say of a diagnosis. */
import type { Text } from './report.ts'
import { both } from './words.ts'

export const JUDGEMENTS = ['right', 'partly', 'wrong'] as const
export type Judgement = (typeof JUDGEMENTS)[number]

const words: Readonly<Record<Judgement, Text>> = {
  right: both('right', '正確'),
  partly: both('partly right', '部分正確'),
  wrong: both('wrong', '錯誤'),
}

/** An unknown one is told as it is. */
export const judgementText = (verdict: string): Text =>
  Object.hasOwn(words, verdict) ? words[verdict as Judgement] : both(verdict, verdict)
