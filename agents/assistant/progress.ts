import { emit, type Outgoing } from '../runtime/agent.ts'
import type { EvidenceOwner } from '../runtime/evidence.ts'

type Step = 'orient' | 'gather' | 'analyse'

interface Scope {
  services: number
  /** somebody keeps traces */
  traces: boolean
}

const MESSAGES: Record<Step, (scope: Scope) => Record<string, string>> = {
  orient: () => ({
    en: 'Asking the control-plane what is known and what was changed',
    'zh-TW': '正在向控制平面查詢已知狀況與變更',
  }),
  gather: ({ services, traces }) => ({
    en: `Asking for golden signals${traces ? ', logs and traces' : ' and logs'} of ${services} services`,
    'zh-TW': `正在查詢 ${services} 個服務的黃金訊號${traces ? '、日誌與追蹤' : '與日誌'}`,
  }),
  analyse: () => ({ en: 'Ranking the root causes', 'zh-TW': '正在為根因排序' }),
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
