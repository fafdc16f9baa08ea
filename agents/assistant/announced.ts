/** What the anomaly agent had announced when it asked for the diagnosis by itself, as evidence. */
import type { DiagnosisRequested } from '../../schemas/events.generated.ts'
import type { Question } from '../runtime/ask.ts'
import { answer } from '../tools/answer.ts'

type Asked = Pick<DiagnosisRequested, 'session_id' | 'service' | 'occurred_at' | 'context'>

export function announced({ session_id, service, occurred_at, context }: Asked): Question[] {
  const { trigger = '', reason } = context
  const announcement = { anomaly: context['anomaly_id'], forecast: context['forecast_id'] }[trigger]
  // anybody may give a context, but only the session of an announcement has its id
  if (announcement !== session_id || reason === undefined) return []
  const asked = { tool: 'anomaly', operation: trigger, query: session_id, range: null }
  const data = { id: session_id, service, at: occurred_at, reason }
  return [() => answer(asked, () => Promise.resolve({ data, summary: reason }))]
}
