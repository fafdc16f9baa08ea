import { type Agent, emit, type Run } from '../../agents/runtime/agent.ts'
import type { DiagnosisCompleted } from '../../schemas/events.generated.ts'

export interface ReviewerOptions {
  /** calls an external system and may fail; the step is then retried */
  review(summary: string, signal: AbortSignal): Promise<{ openQuestions: number }>
}

export const createReviewer = (options: ReviewerOptions): Agent => ({
  name: 'reviewer',
  version: 1,
  publishes: ['DiagnosisProgressed'],
  on: { DiagnosisCompleted: (result, run) => review(result, run, options) },
})

async function* review(result: DiagnosisCompleted, run: Run, { review }: ReviewerOptions) {
  if (result.status === 'failed') return

  const { openQuestions } = await run.step('review', ({ signal }) => review(result.summary['en'] ?? '', signal))

  yield emit('DiagnosisProgressed', {
    session_id: result.session_id,
    agent: 'reviewer',
    run_id: run.id,
    step: 'review',
    progress: 100,
    message: { en: `${openQuestions} questions are open`, 'zh-TW': `尚有 ${openQuestions} 個問題` },
    findings: [],
  })
}
