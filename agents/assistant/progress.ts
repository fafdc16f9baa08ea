import { emit, type Outgoing } from '../runtime/agent.ts'
import type { EvidenceOwner } from '../runtime/evidence.ts'

export type Step = 'orient' | 'gather' | 'analyse'

interface Scope {
  services: number
  /** a trace store is configured */
  traces: boolean
}

const MESSAGES: Record<Step, (scope: Scope) => Record<string, string>> = {
  orient: () => ({
    en: 'Services, alerts and changes',
    'zh-TW': '服務、告警與變更',
  }),
  gather: ({ services, traces }) => ({
    en: `Golden signals${traces ? ', logs and traces' : ' and logs'} of ${services} ${services === 1 ? 'service' : 'services'}`,
    'zh-TW': `${services} 個服務的黃金訊號${traces ? '、日誌與追蹤' : '與日誌'}`,
  }),
  analyse: () => ({ en: 'Ranking root causes', 'zh-TW': '根因排序' }),
}

const NOWHERE: Scope = { services: 0, traces: false }

export const progress = (owner: EvidenceOwner, step: Step, share: number, scope = NOWHERE): Outgoing =>
  emit('DiagnosisProgressed', {
    session_id: owner.sessionId,
    agent: owner.agent,
    run_id: owner.runId,
    step,
    progress: share,
    message: MESSAGES[step](scope),
    findings: [],
  })
