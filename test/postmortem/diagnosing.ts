/** Sessions over recordings, as a report has them. The assistant is the real one; the time is the recording's. */
import { createAnswers } from '../../agents/postmortem/answers.ts'
import { type ApprovalFacts, type Facts, type SessionEvent, sessionsOf } from '../../agents/postmortem/facts.ts'
import { writeReport } from '../../agents/postmortem/write-report.ts'
import { recordedControlPlane } from '../../agents/tools/recording/control-plane.ts'
import { recordedLogs } from '../../agents/tools/recording/logs.ts'
import { recordedMetrics } from '../../agents/tools/recording/metrics.ts'
import { recordedTraces } from '../../agents/tools/recording/traces.ts'
import { finishedRecording } from '../../agents/tools/recording/source.ts'
import type { Report } from '../../postmortem/report.ts'
import type { DiagnosisRequested } from '../../schemas/events.generated.ts'
import { openInvestigations, requestAt } from '../assistant/investigating.ts'
import { evidence } from './facts.ts'
import type { Range } from './recomputed.ts'

export interface Asked {
  id: string
  service: string | null
  window: Range
  request?: Partial<DiagnosisRequested>
  /** what was proposed, decided and done */
  approvals?: ApprovalFacts[]
  /** the answers in full, instead of what fits into their events */
  inFull?: boolean
  /** measured again after an action */
  verified?: Range
}

export async function openDiagnosing(name: string) {
  const investigations = await openInvestigations(name)
  let count = 0
  const stamped = <T>(value: T, at: number) => ({ ...value, event_id: `x-${(count += 1)}`, sequence: 0, tenant: 'default', occurred_at: at }) // prettier-ignore
  return {
    close: investigations.close,
    async reportOf(dir: string, asked: readonly Asked[], change: Partial<Facts> = {}): Promise<Report> {
      const source = finishedRecording(dir)
      const metrics = recordedMetrics(source)
      const tools = { metrics, logs: recordedLogs(source), traces: recordedTraces(source), controlPlane: recordedControlPlane(source) } // prettier-ignore
      const answers = createAnswers()
      const events: SessionEvent[] = []
      for (const { id, service, window, request: more, verified, inFull = false } of asked) {
        const at = Math.ceil(window.end)
        const request = requestAt(window.end, { event_id: `e-${id}`, session_id: id, service, occurred_at: at, window_start: window.start, ...more }) // prettier-ignore
        const { told, recorded } = await investigations.ask(request, tools, { id: `assistant/e-${id}` })
        const full = inFull ? await investigations.evidence.load(recorded.map(({ evidence_id }) => evidence_id)) : []
        for (const [place, one] of recorded.entries())
          answers.add(stamped(inFull ? { ...one, data: JSON.stringify(full[place]!.data), downsampled: false } : one, at)) // prettier-ignore
        events.push({ event: 'DiagnosisRequested', value: request }, ...(told.map(({ event, value }) => ({ event, value: stamped(value, at) })) as SessionEvent[])) // prettier-ignore
        const names = new Set((await source.read()).observations.series.map((one) => one.service))
        if (verified === undefined) continue
        for (const one of names) {
          const { data } = await metrics.goldenSignals({ service: one, range: verified }, { signal: new AbortController().signal }) // prettier-ignore
          answers.add(evidence('golden-signals', data))
        }
      }
      const sessions = sessionsOf(events).map((one) => ({ ...one, approvals: asked.find(({ id }) => id === one.request.session_id)?.approvals ?? [] })) // prettier-ignore
      return writeReport({
        ...{ postmortemId: 'p', writtenAt: Math.ceil(asked.at(-1)!.window.end), incidentIds: [], incidents: [] },
        ...{ answers, objectives: [], missing: [], sessions },
        ...change,
      })
    },
  }
}
