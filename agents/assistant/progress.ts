import { emit, type Outgoing } from '../runtime/agent.ts'
import type { EvidenceOwner } from '../runtime/evidence.ts'

type Step = 'orient' | 'gather' | 'analyse'

const MESSAGES: Record<Step, (count: number) => Record<string, string>> = {
  orient: () => ({
    en: 'Asking the control-plane what is known and what was changed',
    'zh-TW': '正在向控制平面查詢已知狀況與變更',
  }),
  gather: (count) => ({
    en: `Asking for golden signals and logs of ${count} services`,
    'zh-TW': `正在查詢 ${count} 個服務的黃金訊號與日誌`,
  }),
  analyse: () => ({ en: 'Ranking the root causes', 'zh-TW': '正在為根因排序' }),
}

export const progress = (owner: EvidenceOwner, step: Step, share: number, count = 0): Outgoing =>
  emit('DiagnosisProgressed', {
    session_id: owner.sessionId,
    agent: owner.agent,
    run_id: owner.runId,
    step,
    progress: share,
    message: MESSAGES[step](count),
    findings: [],
  })
