/** What a phase asks of a language model, and what comes back. One turn is one answer; the caller runs the tools and keeps the conversation. */
import type { ContentBlock, MessageParam, Tool as ToolDefinition } from '@anthropic-ai/sdk/resources/messages'

export type { ContentBlock, MessageParam, ToolDefinition }
export type JsonSchema = Record<string, unknown>

export interface TurnRequest {
  /** byte for byte the same in each turn, as are the tools: they are cached as the prefix */
  system: string
  /** text from outside is escaped and delimited by the caller */
  messages: readonly MessageParam[]
  tools: readonly ToolDefinition[]
  /** of the answer; null: free text */
  schema: JsonSchema | null
  /** tokens of the answer at most */
  maxTokens: number
  size: 'hard' | 'cheap'
}

/** Tokens. `input` excludes what was read from or written to the cache. */
export interface Usage {
  input: number
  output: number
  cache_read: number
  cache_write_5m: number
  cache_write_1h: number
}

export interface TurnResult {
  /** goes into the next turn unchanged, thinking blocks too */
  content: ContentBlock[]
  /** end_turn, tool_use, max_tokens, refusal, pause_turn, context_exceeded, or one that is not known here */
  stop: string
  usage: Usage
  /** of this answer, without attempts that failed; null: no price is known */
  costUsd: number | null
  /** as the server names it */
  model: string
  /** of all attempts */
  latencyMs: number
}

export interface Model {
  /** Throws ModelError, also when `signal` aborts. */
  turn(request: TurnRequest, signal: AbortSignal): Promise<TurnResult>
}

export type ModelErrorCode =
  'overloaded' | 'rate_limited' | 'unauthorized' | 'bad_request' | 'cut_off' | 'timeout' | 'nonsense' | 'unreachable'

export class ModelError extends Error {
  override readonly name = 'ModelError'
  readonly code: ModelErrorCode
  /** the same request can succeed later */
  readonly retryable: boolean
  /** what the server asks to wait; null: it did not say */
  readonly retryAfterMs: number | null

  constructor(code: ModelErrorCode, message: string, retryable: boolean, retryAfterMs: number | null = null) {
    super(message)
    this.code = code
    this.retryable = retryable
    this.retryAfterMs = retryAfterMs
  }
}
