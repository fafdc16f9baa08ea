import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { ApiError, conflict } from '../../errors.ts'
import type { Language } from '../../present/language.ts'
import { both } from '../../present/texts.ts'
import type { Inside } from '../operations.ts'
import { mcp as texts } from '../texts.ts'
import { tool, type Whole } from '../tool.ts'

const POLL_MS = 500
const ids = z.array(z.string()).optional()

export const postmortem = tool({
  name: 'postmortem',
  description: 'Report of an incident as Markdown. Writes one of sessions or incidents, or reads one by postmortem_id.',
  input: z.strictObject({
    session_ids: ids,
    incident_ids: ids,
    postmortem_id: z.string().optional(),
    language: z.enum(['en', 'zh-TW']).optional(),
    cursor: z.string().optional(),
  }),
  readOnly: false,
  countsAs: ({ postmortem_id }) => (postmortem_id === undefined ? 'requestPostmortem' : 'getPostmortem'),
  async run(inside, { postmortem_id, cursor, ...asked }) {
    const named = [asked.session_ids, asked.incident_ids].filter((one) => one !== undefined)
    if ((postmortem_id === undefined) === (named.length === 0) || (postmortem_id ?? cursor) !== postmortem_id)
      throw new ApiError('VALIDATION_ERROR', texts.postmortemOf)
    return reportOf(inside, postmortem_id ?? (await write(inside, asked)), asked.language)
  },
})

async function write(
  inside: Inside,
  { session_ids, incident_ids, language = inside.asked.language }: Readonly<Record<string, unknown>>,
): Promise<string> {
  const body = {
    language,
    ...(session_ids === undefined ? {} : { session_ids }),
    ...(incident_ids === undefined ? {} : { incident_ids }),
  }
  return (await inside.run('requestPostmortem', { body })).postmortem_id
}

/** `language`: undefined is that of the request. */
async function reportOf(inside: Inside, id: string, language: Language | undefined): Promise<Whole> {
  const params = { postmortem_id: id }
  const { capacityWaitMs, closing } = inside.gateway
  const signal = AbortSignal.any([closing, AbortSignal.timeout(capacityWaitMs)])
  let found = await inside.run('getPostmortem', { params, querystring: { format: 'json' } })
  while (found.status === 'processing' && !signal.aborted) {
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined)
    found = await inside.run('getPostmortem', { params, querystring: { format: 'json' } })
  }
  const again = { tool: 'postmortem', arguments: language === undefined ? params : { ...params, language } }
  if (found.status === 'processing') return { note: texts.writing(found.postmortem_id), data: '', again }
  if (found.report === null) throw conflict(both(found.error ?? found.status, found.error ?? found.status))
  // as Markdown, the body is text, whatever its type in the document
  const report: unknown = await inside.run('getPostmortem', { params, querystring: { format: 'md' } }, language)
  return { note: texts.postmortem(found.postmortem_id), data: String(report), again }
}
