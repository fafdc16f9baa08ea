/** A tool's result as it is stored: redacted, hashed and compressed, once per result however many sessions share it. */
import { createHash } from 'node:crypto'
import { pack } from '../../bus/postgres/packed.ts'
import { redactValue } from './redaction.ts'
import type { ToolResult } from './tool-result.ts'

export interface Prepared {
  /** redacted */
  value: ToolResult<unknown>
  redactions: number
  /** SHA-256 of the answer, hexadecimal */
  hash: string
  packed: Buffer
}

/** The part of a result that is the same for equal answers, stored apart from its evidence. */
export interface StoredAnswer {
  query: string
  range: ToolResult<unknown>['range']
  link: string | null
  summary: string
  error: string | null
  warnings: readonly string[]
  incomplete: boolean
  data: unknown
}

/** Sessions that share a result hold the same object. */
const known = new WeakMap<ToolResult<unknown>, Promise<Prepared>>()

/** Results must not be changed afterwards. */
export function prepared(result: ToolResult<unknown>): Promise<Prepared> {
  const before = known.get(result)
  if (before !== undefined) return before
  const preparing = prepare(result)
  known.set(result, preparing)
  return preparing
}

async function prepare(result: ToolResult<unknown>): Promise<Prepared> {
  const { value, redactions } = redactValue(result)
  const text = JSON.stringify(answerOf(value))
  return { value, redactions, hash: createHash('sha256').update(text).digest('hex'), packed: await pack(text) }
}

const answerOf = (value: ToolResult<unknown>): StoredAnswer => ({
  query: value.query,
  range: value.range,
  link: value.link,
  summary: value.summary,
  error: value.status === 'failed' ? value.error : null,
  warnings: value.warnings,
  incomplete: value.incomplete,
  data: value.data,
})
