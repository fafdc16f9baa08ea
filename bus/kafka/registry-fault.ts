/** Finds out, before anything depends on it, whether a Confluent-compatible schema registry answers at its URL. */
import { request as plain } from 'node:http'
import { request as secure } from 'node:https'
import type { Contract } from '../../schemas/contract.ts'
import { messageOf } from '../bus.ts'
import { boundedAgent } from './bounded-agent.ts'
import type { RegistryConnection } from './schema-store.ts'

/**
 * `away`: no answer. `refused`: it wants other credentials. `path`: a 404 that no registry would send. `failing`: 5xx. `foreign`: any
 * other answer that no registry would send. `status` and `type` are those of the answer, for instance 200 and `text/html`.
 */
export type RegistryFault =
  { kind: 'away'; why: string } | { kind: 'refused' | 'path' | 'failing' | 'foreign'; status: number; type: string }

interface Answer {
  status: number
  type: string
  body: unknown
}

/** Asks for the versions of one of our subjects, which every component may read and which need not be registered yet. */
export async function registryFault(
  connection: RegistryConnection,
  { topics }: Pick<Contract, 'topics'>,
): Promise<RegistryFault | null> {
  const path = `/subjects/${encodeURIComponent(topics[0]?.subject ?? '')}/versions`
  let answer: Answer
  try {
    answer = await asked(connection, path)
  } catch (error) {
    return { kind: 'away', why: messageOf(error) || String((error as NodeJS.ErrnoException).code) }
  }
  const { status, type, body } = answer
  if (status === 401 || status === 403) return { kind: 'refused', status, type }
  if (status >= 500) return { kind: 'failing', status, type }
  if (status === 200 && Array.isArray(body)) return null
  if (status !== 404) return { kind: 'foreign', status, type }
  return isNoSubject(body) ? null : { kind: 'path', status, type }
}

/** Codes of the Confluent API: 40401 no such subject, 40402 no such version, 40404 deleted. */
const isNoSubject = (body: unknown): boolean => /^404\d\d$/.test(String(Object(body).error_code))

async function asked(connection: RegistryConnection, path: string): Promise<Answer> {
  const { registryUrl: url, registryAuth: auth, registryCa: ca, silentMs } = connection
  const agent = boundedAgent(url, {
    ...(ca === undefined ? {} : { ca }),
    ...(silentMs === undefined ? {} : { silentMs }),
  })
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const request = (url.startsWith('https:') ? secure : plain)(url.replace(/\/$/, '') + path, {
    agent,
    headers: { accept: 'application/vnd.schemaregistry.v1+json, application/json', ...authorization(auth) },
  })
  request.on('error', reject).on('response', (response) => {
    const parts: Buffer[] = []
    response.on('error', reject).on('data', (part: Buffer) => parts.push(part))
    response.on('end', () => {
      const type = (response.headers['content-type'] ?? '').split(';')[0] ?? ''
      resolve({ status: response.statusCode ?? 0, type, body: parsed(Buffer.concat(parts).toString()) })
    })
  })
  request.end()
  return promise
}

function authorization(auth: RegistryConnection['registryAuth']): { authorization?: string } {
  if (auth === undefined) return {}
  if ('token' in auth) return { authorization: `Bearer ${auth.token}` }
  return { authorization: `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}` }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
