/** Messages of `sre start` and `sre demo`, in both languages. */
import { join } from 'node:path'
import type { Language } from '../../gateway/present/language.ts'
import { both, type Texts } from '../../gateway/present/texts.ts'

interface Running {
  gatewayUrl: string
  shop: { controlPlaneUrl: string } | null
}

/** Services listed by name on the first screen. */
const NAMED = 8

/** The option that a command in another terminal needs to find this platform. */
export const besides = (dataDir: string): string => (dataDir === '.sre' ? '' : ` --data ${dataDir}`)

const provides = {
  PROMETHEUS_URL: both('metrics', '指標'),
  LOKI_URL: both('logs', '日誌'),
  TRACES_URL: both('traces', '追蹤'),
} as const

export const shown = {
  started: (part: string, seconds: string) => both(`${part} started (${seconds} s)`, `${part} 已啟動（${seconds} 秒）`),
  /** `sources`: the attributions of the recordings */
  recorded: (sources: readonly string[]) =>
    both(
      `1. A recorded public incident (${sources.join('; ')}), diagnosed as of the time it happened. Nothing is changed.`,
      `1. 一起公開事故的錄製資料（${sources.join('；')}），以事發當時的時間點診斷，不做任何變更。`,
    ),
  live: both(
    '2. The live shop: a bad release of one service, actually deployed.',
    '2. 執行中的商店：實際部署其中一個服務的問題版本。',
  ),
  own: {
    services: (url: string, names: readonly string[]) => {
      const some = names.slice(0, NAMED).join(', ')
      const more = names.length - NAMED
      return more > 0
        ? both(`Prometheus at ${url} has metrics for ${names.length} services: ${some} and ${more} more.`, `${url} 的 Prometheus 有 ${names.length} 個服務的指標：${some}，以及另外 ${more} 個。`) // prettier-ignore
        : both(`Prometheus at ${url} has metrics for ${names.length} service${names.length === 1 ? '' : 's'}: ${some}.`, `${url} 的 Prometheus 有 ${names.length} 個服務的指標：${some}。`) // prettier-ignore
    },
    noServices: (url: string) =>
      both(
        `Prometheus at ${url} answers, but has no metrics under a known naming convention: describe yours in METRICS_MAPPING_FILE (docs/reference/sources.md).`,
        `${url} 的 Prometheus 有回應，但沒有符合已知命名慣例的指標：請以 METRICS_MAPPING_FILE 描述您的慣例（docs/reference/sources.md）。`,
      ),
    away: (url: string, why: string) =>
      both(`Prometheus at ${url} cannot be queried: ${why}`, `無法查詢 ${url} 的 Prometheus：${why}`),
    fails: (source: Texts, why: Texts, todo: Texts) =>
      both(
        `${source.en} cannot be queried: ${why.en}; ${todo.en}.`,
        `無法查詢 ${source['zh-TW']}：${why['zh-TW']}；${todo['zh-TW']}。`,
      ),
    lacking: (variables: readonly (keyof typeof provides)[]) =>
      both(
        `Not available: ${['alerts (no control-plane)', 'changes (until sre connect records them)', ...variables.map((name) => `${provides[name].en} (${name} is not set)`)].join(', ')}.`,
        `無法取得：${['告警（沒有控制平面）', '變更（以 sre connect 記錄後才有）', ...variables.map((name) => `${provides[name]['zh-TW']}（未設定 ${name}）`)].join('、')}。`,
      ),
    ask: (service: string, data: string) =>
      both(
        `Diagnose one: \`npx sre diagnose --service ${service} --since 1h --watch${data}\``,
        `診斷其中一個：\`npx sre diagnose --service ${service} --since 1h --watch${data}\``,
      ),
  },
  stillDeployed: both(
    'The bad release of the last run is still deployed: `npx sre approvals` lists the actions waiting for approval.',
    '上一次展示的問題版本仍在執行：以 `npx sre approvals` 查看等待核准的動作。',
  ),
  baseline: (seconds: number) =>
    both(
      `collecting a baseline: the shop runs normally for ${seconds} s more`,
      `收集基準資料：商店再正常執行 ${seconds} 秒`,
    ),
  busy: (seconds: number) =>
    both(
      `the shop never ran normally for ${seconds} s in a row within 3 minutes, probably because the machine is busy; the diagnosis may be inconclusive`,
      `商店在 3 分鐘內未能連續正常執行 ${seconds} 秒，可能是機器忙碌；診斷可能沒有定論`,
    ),
  running: ({ gatewayUrl, shop }: Running, dataDir: string) => {
    const login = `npx sre login${besides(dataDir)}`
    const page = shop === null ? '' : `${shop.controlPlaneUrl}/approvals`
    const people = join(dataDir, 'people.json')
    return both(
      `Running: gateway ${gatewayUrl}${page && `, control-plane ${page}`}. Sign in with \`${login}\` (test people and passwords: ${people}). Ctrl-C stops.`,
      `執行中：閘道 ${gatewayUrl}${page && `，控制平面 ${page}`}。以 \`${login}\` 登入（測試人員與密碼：${people}）。Ctrl-C 結束。`,
    )
  },
  stopping: both('stopping …', '正在停止 …'),
  died: (why: string) => both(`a component died: ${why}`, `有元件異常終止：${why}`),
  lost: (why: string, isOwn: boolean) =>
    isOwn
      ? both(`PostgreSQL does not answer (${why}): restarting it`, `PostgreSQL 沒有回應（${why}）：正在重新啟動`)
      : both(`the database (DATABASE_URL) does not answer: ${why}; waiting for it`, `資料庫（DATABASE_URL）沒有回應：${why}；等待其恢復`), // prettier-ignore
  back: (seconds: number) => both(`the database is back after ${seconds} s`, `資料庫在 ${seconds} 秒後恢復回應`),
  memory: {
    off: (why: string) =>
      both(
        `The memory is off, because Chroma cannot run here: ${why}`,
        `記憶功能停用，因為 Chroma 無法在此執行：${why}`,
      ),
    lost: (why: string) =>
      both(
        `Chroma ended (${why}): restarting it; until then the memory is off`,
        `Chroma 已結束（${why}）：正在重新啟動；在此之前記憶功能停用`,
      ),
    back: both('Chroma is back, and so is the memory', 'Chroma 與記憶功能已恢復'),
  },
  again: both('Deploying the same release again, after a new baseline.', '再收集一次基準資料，然後再次部署同一版本。'),
  happened: both('The whole loop completed.', '完整流程已完成。'),
  leftAlone: (names: readonly string[]) =>
    both(
      `The demo is self-contained and ignores: ${names.join(', ')}`,
      `展示不需外部系統，已忽略：${names.join('、')}`,
    ),
} as const

/** Components in start-up order. */
export const parts: Readonly<Record<string, Readonly<Record<Language, string>>>> = {
  'identity provider': both('identity provider', '身分提供者'),
  'shop of five services': both('shop of five services', '五個服務的商店'),
  'control-plane': both('control-plane', '控制平面'),
  gateway: both('gateway', '閘道'),
  agents: both('agents', '代理程式'),
}

export const failures = {
  noRecording: (folder: string) =>
    both(`${folder} holds no recorded public incident to show`, `${folder} 中沒有可展示的公開事故紀錄`),
  neverCame: (event: string, seconds: number) =>
    both(`no ${event} within ${seconds} s`, `${seconds} 秒內沒有收到 ${event}`),
  notProposed: (seconds: number) =>
    both(
      `within ${seconds} s no diagnosis blamed the release and requested an approval; on a busy machine the shop may have looked unhealthy before the release: \`npx sre sessions\` lists the results`,
      `${seconds} 秒內沒有診斷將問題歸因於這個版本並要求核准；在忙碌的機器上，商店可能在部署之前就已異常：\`npx sre sessions\` 列出所有結果`,
    ),
  nobodyMay: (what: 'decide' | 'deploy') =>
    both(`nobody in people.json may ${what}`, `people.json 中沒有人可以${what === 'decide' ? '決定' : '部署'}`),
  notDeployed: (status: number, text: string) =>
    both(`the deployment was refused: ${status} ${text}`, `部署被拒絕：${status} ${text}`),
  notDecided: (status: number, text: string) =>
    both(`the decision was refused: ${status} ${text}`, `決定被拒絕：${status} ${text}`),
  notDiagnosed: (why: string) =>
    both(`the recorded incident was not diagnosed: ${why}`, `錄製的事故沒有得到診斷：${why}`),
  notApproved: (outcome: string, why: string) =>
    both(`the approval was closed as ${outcome}: ${why}`, `核准已結案為 ${outcome}：${why}`),
  notHelped: (outcome: string, effect: string, why: string) =>
    both(
      `the action did not help (outcome ${outcome}, effect ${effect})${why && `: ${why}`}`,
      `動作沒有改善狀況（結果：${outcome}，效果：${effect}）${why && `：${why}`}`,
    ),
} as const
