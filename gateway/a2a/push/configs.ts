/** Push-notification configs: only to the configured origins, so that the gateway calls nothing that an operator did not name. */
import { randomUUID } from 'node:crypto'
import type { TaskPushNotificationConfig } from '@a2a-js/sdk'
import type { Pool } from 'pg'
import { conflict } from '../../errors.ts'
import { ApiError } from '../../errors.ts'
import type { Language } from '../../present/language.ts'
import { a2aTexts } from '../refusal.ts'

export interface PushRow {
  tenant: string
  task_id: string
  id: string
  url: string
  token: string
  scheme: string
  credentials: string
  language: Language
  told: string | null
  failures: number
}

const MOST_OF_A_TASK = 10
/** What the URL parser would drop, such as control characters, is not stored either. */
const URL_TEXT = /^[\x21-\x7e]{1,2048}$/
const ID = /^[\w.:-]{0,128}$/

/** Throws unless the URL is of one of the origins and the rest fits into headers. */
export function demandAllowed(
  { id, url, token, authentication }: TaskPushNotificationConfig,
  origins: readonly string[],
): void {
  const parsed = URL_TEXT.test(url) && URL.canParse(url) ? new URL(url) : null
  const isAllowed = parsed !== null && origins.includes(parsed.origin) && parsed.username + parsed.password === ''
  if (!isAllowed) throw malformed(a2aTexts.pushOrigin)
  const { scheme = '', credentials = '' } = authentication ?? {}
  const isSendable = /^[\x21-\x7e]{0,1024}$/.test(token) && /^(?:[A-Za-z][\w-]{0,31})?$/.test(scheme) && /^[\x20-\x7e]{0,4096}$/.test(credentials) // prettier-ignore
  if (!isSendable || !isConfigId(id)) throw malformed(a2aTexts.pushHeaders)
}

export const isConfigId = (id: string): boolean => ID.test(id)

const malformed = (texts: ApiError['texts']): ApiError => new ApiError('INVALID_REQUEST', texts)

/** One with a known id replaces it, and is told the status again. */
export async function saveConfig(
  pool: Pool,
  { tenant, taskId, language }: { tenant: string; taskId: string; language: Language },
  config: TaskPushNotificationConfig,
): Promise<TaskPushNotificationConfig> {
  const id = config.id === '' ? randomUUID() : config.id
  const { scheme = '', credentials = '' } = config.authentication ?? {}
  const { rowCount } = await pool.query(
    `INSERT INTO gateway_requests.a2a_push AS p (tenant, task_id, id, url, token, scheme, credentials, language)
     SELECT $1, $2, $3, $4, $5, $6, $7, $8
     WHERE (SELECT count(*) FROM gateway_requests.a2a_push WHERE tenant = $1 AND task_id = $2 AND id <> $3) < $9
     ON CONFLICT (tenant, task_id, id) DO UPDATE SET url = excluded.url, token = excluded.token, scheme = excluded.scheme,
       credentials = excluded.credentials, language = excluded.language, told = NULL, failures = 0, due_at = clock_timestamp()`,
    [tenant, taskId, id, config.url, config.token, scheme, credentials, language, MOST_OF_A_TASK],
  )
  if (rowCount === 0) throw conflict(a2aTexts.tooManyPushes(MOST_OF_A_TASK))
  return shown({ ...config, id, taskId })
}

/** In the order they were made. */
export async function findConfigs(pool: Pool, tenant: string, taskId: string): Promise<TaskPushNotificationConfig[]> {
  const { rows } = await pool.query<PushRow>(
    'SELECT * FROM gateway_requests.a2a_push WHERE tenant = $1 AND task_id = $2 ORDER BY created_at, id',
    [tenant, taskId],
  )
  return rows.map(
    ({ id, url, scheme }) =>
    shown({ ...{ id, url, taskId, tenant: '', token: '' }, authentication: scheme === '' ? undefined : { scheme, credentials: '' } }), // prettier-ignore
  )
}

export async function deleteConfig(pool: Pool, tenant: string, taskId: string, id: string): Promise<void> {
  await pool.query('DELETE FROM gateway_requests.a2a_push WHERE tenant = $1 AND task_id = $2 AND id = $3', [
    tenant,
    taskId,
    id,
  ])
}

/** Without its secrets: whoever may read a task may read its configs. */
const shown = ({ authentication, ...config }: TaskPushNotificationConfig): TaskPushNotificationConfig => ({
  ...{ ...config, tenant: '', token: '' },
  authentication: authentication === undefined ? undefined : { ...authentication, credentials: '' },
})
