/** Resources: a session and its evidence, for people who attach them to a conversation. Not paged: what does not fit is read by the tools. */
import type { Inside } from './operations.ts'
import { pageOf } from './pages.ts'
import { mcp as texts } from './texts.ts'

const MIME = 'text/plain'

export const TEMPLATES = [
  { name: 'session', uriTemplate: 'sre://sessions/{session_id}', description: 'A diagnosis', mimeType: MIME },
  {
    name: 'evidence',
    uriTemplate: 'sre://sessions/{session_id}/evidence/{evidence_id}',
    description: 'One answer of a tool that a diagnosis rests on',
    mimeType: MIME,
  },
]

/** The newest diagnoses. */
export async function listResources(inside: Inside) {
  const { items } = await inside.run('listSessions', { querystring: {} })
  return items.map(({ session_id, service, status, requested_at }) => ({
    uri: `sre://sessions/${session_id}`,
    name: [service ?? session_id, status, requested_at].join(' '),
    mimeType: MIME,
  }))
}

const PATTERN = /^sre:\/\/sessions\/([^/?#]{1,64})(?:\/evidence\/([^/?#]{1,64}))?$/

/** Null: there is no such kind of resource. Throws `ApiError`. */
export async function readResource(inside: Inside, uri: string) {
  const [, session_id, evidence_id] = PATTERN.exec(uri) ?? []
  if (session_id === undefined) return null
  const body =
    evidence_id === undefined
      ? await inside.run('getSessionStatus', { params: { session_id } })
      : await inside.run('getEvidence', { params: { session_id, evidence_id } })
  const { text, next } = pageOf(JSON.stringify(body), undefined)
  const more = evidence_id === undefined ? 'get_diagnosis' : 'read_evidence'
  const args = { session_id, ...(evidence_id === undefined ? {} : { evidence_id }), cursor: next }
  const note = next === null ? [] : [texts.more(`${more} ${JSON.stringify(args)}`)[inside.asked.language]]
  return { uri, mimeType: MIME, text: [...note, text].join('\n') }
}
