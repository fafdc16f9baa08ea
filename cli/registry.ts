/** Reports a wrong SCHEMA_REGISTRY_URL before anything depends on it; otherwise every record would fail later. */
import { type BusOptions, registryFault } from '../bus/create.ts'
import { both, type Texts } from '../gateway/present/texts.ts'
import { CommandError } from './login/context.ts'

type Kafka = Extract<BusOptions, { kind: 'kafka' }>

/** What is wrong with the registry and what to check; null: it is one. */
export async function registryTrouble(options: Kafka): Promise<Texts | null> {
  const fault = await registryFault(options, options.contract)
  if (fault === null) return null
  const at = shownUrl(options.registryUrl)
  if (fault.kind === 'away') return TEXTS.away(at, fault.why)
  const answer = [fault.status, fault.type].filter((one) => one !== '').join(' ')
  return fault.kind === 'refused'
    ? TEXTS.refused(at, answer, options.registryAuth !== undefined)
    : TEXTS[fault.kind](at, answer)
}

/** Throws what is wrong with the registry. */
export async function registryFound(options: BusOptions): Promise<void> {
  if (options.kind !== 'kafka') return
  const trouble = await registryTrouble(options)
  if (trouble !== null) throw new CommandError(trouble)
}

/** Credentials in the URL stay secret. */
function shownUrl(given: string): string {
  const url = new URL(given)
  url.username = ''
  url.password = ''
  return url.href
}

const TEXTS = {
  away: (url: string, why: string) =>
    both(
      `the schema registry at ${url} cannot be reached: ${why}. Is it running, and is SCHEMA_REGISTRY_URL right?`,
      `無法連線到 schema registry ${url}：${why}。請確認它正在執行，且 SCHEMA_REGISTRY_URL 正確`,
    ),
  path: (url: string, answer: string) =>
    both(
      `no schema registry API at ${url} (it answered ${answer}). Check the path of SCHEMA_REGISTRY_URL: Apicurio's Confluent-compatible API is at /apis/ccompat/v7, that of most others at /`,
      `${url} 沒有 schema registry API（回覆 ${answer}）。請檢查 SCHEMA_REGISTRY_URL 的路徑：Apicurio 的 Confluent 相容 API 位於 /apis/ccompat/v7，其他產品多半位於 /`,
    ),
  foreign: (url: string, answer: string) =>
    both(
      `the server at ${url} is not a Confluent-compatible schema registry (it answered ${answer}). Check host, port and path of SCHEMA_REGISTRY_URL; Apicurio's path is /apis/ccompat/v7`,
      `${url} 的伺服器不是 Confluent 相容的 schema registry（回覆 ${answer}）。請檢查 SCHEMA_REGISTRY_URL 的主機、連接埠與路徑；Apicurio 的路徑為 /apis/ccompat/v7`,
    ),
  refused: (url: string, answer: string, hasCredentials: boolean) =>
    both(
      `the schema registry at ${url} refused access (${answer}). ${hasCredentials ? 'Check' : 'Set'} SCHEMA_REGISTRY_USERNAME and SCHEMA_REGISTRY_PASSWORD, or SCHEMA_REGISTRY_TOKEN`,
      `schema registry ${url} 拒絕存取（${answer}）。請${hasCredentials ? '檢查' : '設定'} SCHEMA_REGISTRY_USERNAME 與 SCHEMA_REGISTRY_PASSWORD，或 SCHEMA_REGISTRY_TOKEN`,
    ),
  failing: (url: string, answer: string) =>
    both(
      `the schema registry at ${url} is failing (it answered ${answer}). Its log says why`,
      `schema registry ${url} 發生錯誤（回覆 ${answer}）。原因請查看其日誌`,
    ),
} as const
