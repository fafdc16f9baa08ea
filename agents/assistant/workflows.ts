/** What the assistant tells others of its work. */
import type { Workflow } from '../runtime/agent.ts'
import type { Step } from './progress.ts'

const both = (en: string, chinese: string): Record<string, string> => ({ en, 'zh-TW': chinese })

const STEPS: Record<Step, Record<string, string>> = {
  orient: both('Services, alerts and changes', '服務、告警與變更'),
  gather: both('Golden signals, logs and traces', '黃金訊號、日誌與追蹤'),
  analyse: both('Ranking root causes', '根因排序'),
}

export const WORKFLOWS: readonly Workflow[] = [
  {
    id: 'diagnosis',
    name: both('Diagnosis', '診斷'),
    event: 'DiagnosisRequested',
    kinds: ['deployment', 'alert', 'question'],
    steps: Object.entries(STEPS).map(([id, name]) => ({ id, name })),
  },
  {
    id: 'capacity',
    name: both('Capacity forecast', '容量預測'),
    event: 'DiagnosisRequested',
    kinds: ['capacity'],
    steps: [
      { id: 'history', name: both('History of the usage metrics', '用量指標的歷史資料') },
      { id: 'forecast', name: both('Trend and advice', '趨勢與建議') },
    ],
  },
]
