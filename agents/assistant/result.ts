/** Results without a diagnosis (refused, failed, cancelled), and the run fields every result carries. */
import type { Text } from '../../analysis/verdict.ts'
import type { DiagnosisRequested } from '../../schemas/events.generated.ts'
import type { Outgoing, Run, RunEnd } from '../runtime/agent.ts'
import { headline } from '../runtime/tool-result.ts'

export const VERSION = 3

export const frame = (request: DiagnosisRequested, run: RunEnd['run']) => ({
  session_id: request.session_id,
  revision: run.attempt + 1,
  run_id: run.id,
  handler_version: String(VERSION),
  requested_at: request.occurred_at,
  execution_ms: run.activeMs(),
  usage: null,
})

/** A result with no content. */
export const UNTOLD = { status: 'completed', reason: null, summary: {} }

export const nothing = {
  verdict: null,
  onset: null,
  phase: null,
  confidence: 0,
  findings: [],
  root_causes: [],
  missing: [],
  ruled_out: [],
  suspected_changes: null,
  recommended_actions: [],
  tools_used: [],
  capacity: null,
}

/** Why a request gets no diagnosis. */
export interface Refusal {
  /** stable code */
  code: string
  /** details beyond the code */
  about: string
  text: Text
}

export const failed = (request: DiagnosisRequested, run: Run, { code, about, text }: Refusal) => ({
  ...nothing,
  ...frame(request, run),
  status: 'failed',
  reason: `${code}: ${about}`,
  summary: {
    en: `No diagnosis: ${text.en}${text.en.endsWith('?') ? '' : '.'}`,
    'zh-TW': `沒有診斷結果：${text.zh}${text.zh.endsWith('？') ? '' : '。'}`,
  },
})

/** The result of a run that was cancelled or failed permanently. */
export function unfinished(
  request: DiagnosisRequested,
  end: RunEnd,
): Extract<Outgoing, { event: 'DiagnosisCompleted' }>['value'] {
  return {
    ...nothing,
    ...frame(request, end.run),
    status: end.status,
    reason: `${end.code}: ${headline(end.reason)}`,
    summary:
      end.status === 'cancelled'
        ? { en: 'The diagnosis was cancelled.', 'zh-TW': '診斷已取消。' }
        : { en: `The diagnosis failed (${end.code}).`, 'zh-TW': `診斷失敗（${end.code}）。` },
  }
}
