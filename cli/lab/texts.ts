/** What `sre lab` says, in both languages. */
import { both, type Texts } from '../../gateway/present/texts.ts'
import type { FaultName } from '../../lab/faults.ts'
import type { Fault } from './answer.ts'

const what: Readonly<Record<FaultName, Texts>> = {
  'bad-release': both('cart gets a release that cannot read some prices', 'cart 部署了無法讀取部分價格的版本'),
  'memory-leak': both('catalog uses more memory with every request', 'catalog 每處理一個請求就多佔用一些記憶體'),
  'cpu-burn': both('cart computes for nothing most of the time', 'cart 大部分時間都在空轉運算'),
  'slow-dependency': both('the data store of catalog is slow', 'catalog 的資料庫變慢'),
  'error-burst': both('the data store of catalog fails often', 'catalog 的資料庫經常失敗'),
  'bad-configuration': both('checkout gets a much too short timeout', 'checkout 的逾時被設得太短'),
  'dependency-down': both('payment is down', 'payment 停擺'),
  'pool-exhausted': both(
    'cart does not give back connections to its data store',
    'cart 沒有歸還資料庫連線，連線池逐漸耗盡',
  ),
  'disk-filling': both('the journal of payment fills its disk', 'payment 的日誌檔逐漸佔滿磁碟'),
  'traffic-surge': both('many more customers, and the shop copes', '顧客大增，但商店應付得來'),
  'innocent-deployment': both(
    'a harmless deployment of catalog while payment fails',
    'payment 故障的同時，catalog 進行了無害的部署',
  ),
  nothing: both('nothing', '什麼都沒發生'),
}

const remedies: Readonly<Record<string, Texts>> = {
  rollback: both('a rollback ends it', '退版即可排除'),
  restart: both('a restart ends it', '重新啟動即可排除'),
  restore_settings: both('the script restore_settings ends it', '執行指令碼 restore_settings 即可排除'),
  prune_journal: both('the script prune_journal ends it for a time', '執行指令碼 prune_journal 可暫時緩解'),
}
const nothingHelps = both('nothing in the shop ends it', '在商店這端無法排除')

const timeOf = (instant: number): string => new Date(instant).toISOString().slice(11, 19)

function stateOf({ since, until }: Fault): Texts {
  if (since === null) return both('off', '關')
  return until === null ? both('on', '開') : both(`on until ${timeOf(until)} UTC`, `開，至 ${timeOf(until)} UTC`)
}

const endedBy = ({ service, remedy }: Fault): Texts =>
  service === null ? both('', '') : ((remedy === null ? undefined : remedies[remedy]) ?? nothingHelps)

export const lab = {
  one: (fault: Fault) => {
    const [state, does, ends] = [stateOf(fault), what[fault.name], endedBy(fault)]
    const name = fault.name.padEnd(20)
    return both(
      `${name} ${state.en.padEnd(4)} ${does.en}${ends.en === '' ? '' : `; ${ends.en}`}`,
      `${name} ${state['zh-TW']}　${does['zh-TW']}${ends['zh-TW'] === '' ? '' : `；${ends['zh-TW']}`}`,
    )
  },
  now: (fault: Fault) => {
    const [state, does] = [stateOf(fault), what[fault.name]]
    return fault.since === null
      ? both(`${fault.name} is off`, `${fault.name} 已關閉`)
      : both(`${fault.name} is ${state.en}: ${does.en}`, `${fault.name} 已開啟（${state['zh-TW']}）：${does['zh-TW']}`)
  },
  unknown: (name: string, near: readonly string[]) =>
    near.length > 0
      ? both(
          `no fault ${name}; did you mean ${near.join(', ')}?`,
          `沒有 ${name} 這個故障；您是指 ${near.join('、')} 嗎？`,
        )
      : both(`no fault ${name}; sre lab faults lists them`, `沒有 ${name} 這個故障；sre lab faults 可列出全部`),
  either: both('either --for or --off, not both', '--for 與 --off 只能擇一'),
  otherLab: (name: string) =>
    both(`this lab, of another version, has no fault ${name}`, `這個 lab 的版本不同，沒有 ${name} 這個故障`),
  stranger: (url: string) =>
    both(`what answers at ${url} is no lab of this version`, `${url} 的回應不是這個版本的 lab`),
  on: both('it is on already', '它已經開啟'),
  off: both('it is not on', '它沒有開啟'),
  half: both('set both LAB_URL and LAB_TOKEN, or neither', '請同時設定 LAB_URL 與 LAB_TOKEN，或都不設定'),
  none: (dataDir: string) =>
    both(
      `no platform with a shop runs in ${dataDir}: npm start, or set LAB_URL and LAB_TOKEN`,
      `${dataDir} 中沒有含商店的平台在執行：請執行 npm start，或設定 LAB_URL 與 LAB_TOKEN`,
    ),
  away: (url: string, why: string) =>
    both(`the lab at ${url} cannot be reached: ${why}`, `無法連線到 ${url} 的 lab：${why}`),
  refused: (status: number, why: string) =>
    both(
      `the lab answered ${status}${why === '' ? '' : `: ${why}`}`,
      `lab 回應 ${status}${why === '' ? '' : `：${why}`}`,
    ),
} as const
