/** The policy as its file says it now. */
import { readFileSync } from 'node:fs'
import type { Logger } from 'pino'
import { z } from 'zod'
import { NEVER, type Policy } from './policy.ts'
import { parsePolicy } from './read-policy.ts'

export interface PolicyFile {
  path: string
  text: string
  policy: Policy
}

/** Throws as `parsePolicy` does, or the error of the file system. */
export function openPolicy(path: string): PolicyFile {
  const text = readFileSync(path, 'utf8')
  return { path, text, policy: parsePolicy(text) }
}

/** Reads the file again on each call. One with mistakes changes nothing, and is told once. null: there is no policy. */
export function followPolicy(file: PolicyFile | null, log: Pick<Logger, 'info' | 'warn'>): () => Policy {
  if (file === null) return () => NEVER
  const { path } = file
  let { text, policy } = file
  let told: string | null = null
  return () => {
    try {
      const now = readFileSync(path, 'utf8')
      if (now !== text) {
        text = now
        policy = parsePolicy(now)
        told = null
        log.info({ path }, 'the policy has changed')
      }
    } catch (error) {
      const why = error instanceof z.ZodError ? z.prettifyError(error) : String(error)
      if (why !== told) log.warn({ path, error: why }, 'the policy has mistakes: the one before stays')
      told = why
    }
    return policy
  }
}
