/** The words of approvals and actions in Chinese: the gateway and the postmortem agent say them alike. */
export const outcomes: Readonly<Record<string, string>> = {
  approved: '已核准',
  rejected: '已拒絕',
  expired: '已逾期',
  refused: '已駁回',
  joined: '已併入',
  overtaken: '已失效',
  succeeded: '成功',
  failed: '失敗',
  not_run: '未執行',
  helped: '有改善',
  partly: '部分改善',
  no_change: '沒有變化',
  worse: '惡化',
  unknown: '未知',
}
