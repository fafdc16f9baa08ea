/**
 * What the tools say about their own answers. Results and evidence hold it in English; `inChinese` translates it for readers of zh-TW. Text that a source
 * wrote is not in these lists and stays as it is.
 */

interface Note {
  /** the fixed text around the values: one piece more than there are values */
  pieces: readonly string[]
  /** `#` or `*` for each value */
  kinds: readonly string[]
  chinese: string
}

const known: Note[] = []

/** In `english`, `#` stands for a number and `*` for a text; `chinese` names them `$1`, `$2` … in that order. */
function note(english: string, chinese: string): (...values: readonly (string | number)[]) => string {
  const [pieces, kinds] = [english.split(/[#*]/), english.match(/[#*]/g) ?? []]
  known.push({ pieces, kinds, chinese })
  return (...values) => pieces.map((piece, at) => piece + (at < kinds.length ? String(values[at]) : '')).join('')
}

/** The text in Chinese if it is one of these notes, else unchanged. */
export function inChinese(text: string): string {
  for (const one of known) {
    const values = valuesIn(text, one)
    if (values !== null) return one.chinese.replace(/\$(\d)/g, (_all, at: string) => values[Number(at) - 1] ?? '')
  }
  return text
}

/** For texts that are shown in the language of a reader. */
export const noteIn = (language: string, text: string): string => (language === 'zh-TW' ? inChinese(text) : text)

/** Piece by piece instead of by an expression, whose time could grow with the square of a text from outside. */
function valuesIn(text: string, { pieces, kinds }: Note): string[] | null {
  const [first = '', ...others] = pieces
  if (kinds.length === 0) return text === first ? [] : null
  if (!text.startsWith(first)) return null
  const values: string[] = []
  let rest = text.slice(first.length)
  for (const [index, piece] of others.entries()) {
    const at = index < others.length - 1 ? rest.indexOf(piece) : rest.endsWith(piece) ? rest.length - piece.length : -1
    const value = rest.slice(0, at)
    if (at < 1 || (kinds[index] === '#' && !/^\d+$/.test(value))) return null
    values.push(value)
    rest = rest.slice(at + piece.length)
  }
  return values
}

export const summaries = {
  series: note('# series of * (*)', '$2 的 $1 個序列（$3）'),
  recordedSeries: note('# series of *', '$2 的 $1 個序列'),
  lines: note('# lines of *', '$2 的 $1 行日誌'),
  traces: note('# traces, # spans', '$1 個追蹤、$2 個 span'),
  recordedTraces: note('# traces', '$1 個追蹤'),
  changes: note('# changes', '$1 個變更'),
  alerts: note('# alerts', '$1 個告警'),
  services: note('# services', '$1 個服務'),
  incidents: note('# incidents that are over', '$1 起已結束的事故'),
  noSamples: note('no samples of * in this time range', '此時段沒有 $1 的樣本'),
  noLines: note('no lines of * in this time range', '此時段沒有 $1 的日誌'),
  noTraces: note('no traces in this time range', '此時段沒有追蹤'),
  noLogSource: note('no logs: LOKI_URL is not configured', '沒有日誌：未設定 LOKI_URL'),
  noMetricsIn: note(
    'no metrics of * in namespace * under any known convention',
    'namespace $2 中沒有符合已知命名慣例的 $1 指標',
  ),
  noMetrics: note('no metrics of * under any known convention', '沒有符合已知命名慣例的 $1 指標'),
  neverRecorded: note(
    'there is no control-plane: changes are unknown (none was ever recorded; see sre connect)',
    '沒有控制平面，無從得知變更（從未記錄過；請見 sre connect）',
  ),
  // the same as the next one, for what it is asked most
  noChanges: note('there is no control-plane: changes are unknown', '沒有控制平面，無從得知變更'),
  noAlerts: note('there is no control-plane: alerts are unknown', '沒有控制平面，無從得知告警'),
  noControlPlane: note('there is no control-plane: * are unknown', '沒有控制平面，無從得知：$1'),
  remembered: note(
    '# earlier incidents, # sections of runbooks and postmortems',
    '$1 起過去的事故、runbook 與事後檢討 $2 段',
  ),
  notRemembered: note('the memory has nothing like it', '記憶中沒有類似的內容'),
  noneRecorded: note('the recording has no *', '錄製資料中沒有 $1'),
} as const

/** Why an answer is incomplete. */
export const notes = {
  moreWarnings: note('… and # more warnings', '…另有 $1 則警告'),
  // logs
  thinnedLines: note(
    'there are more than # lines: the newest of each of # equal parts of the time were read',
    '日誌超過 $1 行：只讀取 $2 個等長時段中各自最新的部分',
  ),
  olderLines: note('# older lines were left out', '略過較早的 $1 行'),
  longLines: note('# lines longer than # characters were cut', '$1 行日誌超過 $2 個字元，已截短'),
  searchedLines: note('only the newest # lines were searched', '只搜尋最新的 $1 行'),
  newestLines: note('only the newest # lines were read', '只讀取最新的 $1 行'),
  linesOutside: note('lines outside the requested time range were left out', '略過查詢時段以外的日誌'),
  oneTimestamp: note(
    'more than # lines share one timestamp: older lines were not read',
    '超過 $1 行日誌的時間戳記相同：未讀取較早的日誌',
  ),
  // traces
  unsearchedParts: note('# of # parts of the range could not be searched: *', '$2 個時段中有 $1 個無法搜尋：$3'),
  unreadTraces: note('# of # traces could not be read: *', '$2 個追蹤中有 $1 個無法讀取：$3'),
  sampledTraces: note(
    'there may be more traces: # were sampled, from # equal parts of the range',
    '可能還有其他追蹤：從 $2 個等長時段抽樣 $1 個',
  ),
  sampledRecordedTraces: note('# of # traces were sampled, across the whole range', '從整個時段的 $2 個追蹤抽樣 $1 個'),
  hugeTraces: note('# traces of more than # spans were left out', '略過 $1 個超過 $2 個 span 的追蹤'),
  farSpans: note('# spans dated days away from their trace were left out', '略過 $1 個時間與所屬追蹤相差數天的 span'),
  keptTraces: note('# of # traces were kept: the limit is # spans', '$2 個追蹤保留 $1 個：上限為 $3 個 span'),
  longSpanNames: note('# span names longer than # characters were cut', '$1 個 span 名稱超過 $2 個字元，已截短'),
  unendedSpans: note('spans that never ended were left out', '略過未結束的 span'),
  goneTraces: note(
    'some traces that were found could not be read: the source has dropped them or not stored them yet',
    '部分找到的追蹤無法讀取：來源已捨棄或尚未儲存',
  ),
  ownSpansOnly: note("only this tenant's spans of these traces are analysed", '只分析這些追蹤中屬於此租戶的 span'),
  // metrics
  fewSeries: note('*: only # of # series were read', '$1：$3 個序列只讀取 $2 個'),
  infinite: note('# infinite samples were left out of *', '略過 $1 個無限大的樣本：$2'),
  notNumbers: note('# samples that are not numbers were left out of *', '略過 $1 個不是數字的樣本：$2'),
  samplesOutside: note(
    '# samples outside the requested time range were left out of *',
    '略過 $1 個查詢時段以外的樣本：$2',
  ),
  unordered: note(
    'samples of * were sorted and duplicate timestamps dropped',
    '$1 的樣本已重新排序，並移除重複的時間戳記',
  ),
  noLatency: note(
    'latency of * is not measured: * has no histogram, sum or maximum beside it',
    '沒有 $1 的延遲：$2 沒有對應的 histogram、總和或最大值',
  ),
  noStatus: note('* has no status label: errors are unknown', '$1 沒有狀態標籤，無從得知錯誤'),
  leftOut: note('* of * not measured for: *', '$2 的 $1 不含：$3'),
  leftOutUnknown: note('what * of * leaves out could not be queried: *', '無法查詢 $2 的 $1 不含哪些項目：$3'),
  notQueried: note('* of * could not be queried: *', '無法查詢 $2 的 $1：$3'),
  noNamespace: note('* has no namespace label: not filtered by *', '$1 沒有 namespace 標籤，未依 $2 篩選'),
  // control-plane
  newestChanges: note('only the newest # changes were read', '只讀取最新的 $1 個變更'),
  firstItems: note('only the first # of * were read', '$2 只讀取前 $1 筆'),
  unreadItems: note(
    '# of # could not be read and were left out; the first: *',
    '$2 筆中有 $1 筆無法讀取，已略過；第一筆：$3',
  ),
} as const

export const failures = {
  tooSlow: note('* is unreachable: no answer within # ms', '無法連線到 $1：$2 毫秒內沒有回應'),
  unreachable: note('* is unreachable: *', '無法連線到 $1：$2'),
  tooLarge: note(
    'the response from * is larger than # bytes: narrow the query',
    '$1 的回應超過 $2 位元組：請縮小查詢範圍',
  ),
} as const
