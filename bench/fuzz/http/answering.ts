import type { Bus, Consumption } from '../../../bus/bus.ts'
import type { Contract } from '../../../schemas/contract.ts'
import type { DiagnosisCompleted } from '../../../schemas/events.generated.ts'

/** Answers capacity requests at once with no history, so that no request waits long. */
export function answerCapacity(bus: Bus, contract: Contract): Promise<Consumption> {
  return bus.subscribe({
    group: 'fuzz',
    consumer: 'assistant',
    topics: [contract.topicOf('DiagnosisRequested').name],
    async handle(batch) {
      const asked = batch.flatMap(({ event, value }) =>
        event === 'DiagnosisRequested' && value.kind === 'capacity' ? [value] : [],
      )
      const results = asked.map(({ event_id, session_id, tenant, occurred_at }) => ({
        ...noHistory,
        ...{
          event_id: crypto.randomUUID(),
          session_id,
          tenant,
          occurred_at,
          requested_at: occurred_at,
          run_id: event_id,
        },
      }))
      await bus.publish(await Promise.all(results.map((value) => bus.encode('DiagnosisCompleted', value))))
      return []
    },
  })
}

const noHistory = {
  ...{
    sequence: 1,
    revision: 1,
    handler_version: '1',
    status: 'failed',
    reason: 'no_history: of nothing',
    verdict: null,
  },
  ...{
    onset: null,
    phase: null,
    summary: { en: 'no history' },
    confidence: 0,
    findings: [],
    root_causes: [],
    missing: [],
    ruled_out: [],
    suspected_changes: null,
  },
  ...{ recommended_actions: [], tools_used: [], capacity: null, execution_ms: 1, usage: null },
} satisfies Partial<DiagnosisCompleted>
