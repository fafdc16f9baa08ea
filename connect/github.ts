/** GitHub-style webhooks: each status of a deployment that began is one report of one change. */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import type { Change } from './change.ts'
import { type Mapping, serviceOf } from './mapping.ts'
import { parsedBody } from './parsed-body.ts'

const text = z.string().min(1)
const id = z.union([text, z.number()]).transform(String)
const person = z.looseObject({ login: text }).nullish()

const body = z.looseObject({
  deployment_status: z.looseObject({ id, state: text, created_at: z.iso.datetime({ offset: true }) }),
  deployment: z.looseObject({
    id,
    sha: text,
    ref: text,
    environment: text,
    description: z.string().nullish(),
    creator: person,
  }),
  repository: z.looseObject({ name: text, full_name: text }),
})

/** States in which a deployment has begun to change something. A queued one has not, and an inactive one was replaced. */
const BEGUN: ReadonlySet<string> = new Set(['in_progress', 'success', 'failure', 'error'])

/** Whether `header` (X-Hub-Signature-256) is the HMAC of exactly these bytes. */
export function isSigned(bytes: Buffer, header: unknown, secret: string): boolean {
  const wanted = Buffer.from(`sha256=${createHmac('sha256', secret).update(bytes).digest('hex')}`)
  const given = Buffer.from(typeof header === 'string' ? header : '')
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

/** Null: no change. Throws `Refused`. */
export function changeOfGithub(event: string, bytes: Buffer, mapping: Mapping): Change | null {
  if (event !== 'deployment_status') return null
  const { deployment_status: status, deployment, repository } = parsedBody(body, bytes)
  const { environment } = deployment
  const isRecorded = mapping.environments?.includes(environment) ?? true
  if (!BEGUN.has(status.state) || !isRecorded) return null
  const { full_name: full, name } = repository
  const { ref, sha, description, creator } = deployment
  return {
    id: `github/${full}/deployments/${deployment.id}`,
    report: status.id,
    at: Date.parse(status.created_at),
    service: serviceOf(mapping, `${full}@${environment}`, full, name),
    namespace: mapping.namespaces[environment] ?? null,
    type: 'DEPLOYMENT',
    author: creator?.login ?? null,
    summary: `${full} ${ref} (${sha.slice(0, 7)}) to ${environment}: ${status.state}${description ? `; ${description}` : ''}`,
    before: null,
    after: { ref, sha, environment, state: status.state },
    deploymentId: deployment.id,
  }
}
