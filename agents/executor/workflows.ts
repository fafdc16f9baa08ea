/** What the executor tells others of its work. */
import type { Workflow } from '../runtime/agent.ts'

const both = (en: string, chinese: string): Record<string, string> => ({ en, 'zh-TW': chinese })

export const WORKFLOWS: readonly Workflow[] = [
  {
    id: 'action',
    name: both('Approved action', '已核准的動作'),
    event: 'ApprovalDecided',
    kinds: [],
    steps: [
      { id: 'judge', name: both('Checking the decision and its target', '檢查核准決定與目標') },
      { id: 'dry_run', name: both('Dry run, if the action has one', '試跑（若動作支援）') },
      { id: 'execute', name: both('Running it once', '執行一次') },
      { id: 'verify', name: both('Measuring its effect', '量測成效') },
    ],
  },
]
