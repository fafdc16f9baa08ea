/** A model that speaks the Messages API: Anthropic's, a proxy, or a local one. */
import Anthropic from '@anthropic-ai/sdk'
import type { Message, MessageCreateParamsBase } from '@anthropic-ai/sdk/resources/messages'
import pRetry from 'p-retry'
import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import { failureOf } from './failure.ts'
import { type Model, ModelError, type TurnRequest, type TurnResult, type Usage } from './model.ts'

export interface ModelOptions {
  key: string
  /** without /v1 */
  url: string
  hard: string
  cheap: string
  /** attempts after the first, of what can succeed later */
  retries?: number
  /** of one attempt, until its last byte */
  attemptMs?: number
  /** a server that asks for a longer wait is not asked again */
  longestWaitMs?: number
}

const RETRIES = 4
const ATTEMPT_MS = 600_000
const LONGEST_WAIT_MS = 60_000

const tokens = z.number().int().nonnegative()
const answer = z.object({
  model: z.string().min(1),
  content: z.array(z.looseObject({ type: z.string() })),
  stop_reason: z.string(),
  usage: z.object({
    input_tokens: tokens,
    output_tokens: tokens,
    cache_read_input_tokens: tokens.nullish(),
    cache_creation_input_tokens: tokens.nullish(),
    cache_creation: z.object({ ephemeral_5m_input_tokens: tokens, ephemeral_1h_input_tokens: tokens }).nullish(),
  }),
})

/** No price is known here, so `costUsd` is null: unknown is not free. */
export function connectModel(options: ModelOptions): Model {
  const { key, url, retries = RETRIES, attemptMs = ATTEMPT_MS, longestWaitMs = LONGEST_WAIT_MS } = options
  const client = new Anthropic({ authToken: key, apiKey: null, baseURL: url, maxRetries: 0, logLevel: 'off' })

  async function attempt(request: TurnRequest, signal: AbortSignal): Promise<Message> {
    const deadline = AbortSignal.timeout(attemptMs)
    try {
      const stream = client.messages.stream(parameters(request, options), {
        signal: AbortSignal.any([signal, deadline]),
        timeout: attemptMs,
      })
      return checked(await stream.finalMessage())
    } catch (error) {
      // An attempt that was stopped may have been paid: whether to pay again is for the caller to say.
      if (signal.aborted) throw new ModelError('timeout', 'stopped before the model had answered', false)
      if (deadline.aborted) throw new ModelError('timeout', `no whole answer within ${attemptMs / 1000} s`, false)
      throw failureOf(error, key)
    }
  }

  return {
    turn: async (request, signal) => {
      const began = performance.now()
      try {
        const message = await pRetry(() => attempt(request, signal), {
          retries,
          minTimeout: 500,
          maxTimeout: 30_000,
          randomize: true,
          signal,
          shouldRetry: ({ error }) =>
            error instanceof ModelError && error.retryable && (error.retryAfterMs ?? 0) <= longestWaitMs,
          onFailedAttempt: async ({ error, retriesLeft }) => {
            if (!(error instanceof ModelError) || error.retryAfterMs === null || retriesLeft === 0) return
            if (error.retryable && error.retryAfterMs <= longestWaitMs)
              await wait(error.retryAfterMs, undefined, { signal })
          },
        })
        return resultOf(message, performance.now() - began)
      } catch (error) {
        if (error instanceof ModelError) throw error
        if (signal.aborted) throw new ModelError('timeout', 'stopped before the model had answered', false)
        throw failureOf(error, key)
      }
    },
  }
}

function parameters(request: TurnRequest, { hard, cheap }: ModelOptions): MessageCreateParamsBase {
  return {
    model: request.size === 'hard' ? hard : cheap,
    max_tokens: request.maxTokens,
    // The mark covers the tools too: they come before the system prompt.
    system: [{ type: 'text', text: request.system, cache_control: { type: 'ephemeral' } }],
    messages: [...request.messages],
    ...(request.tools.length > 0 && { tools: [...request.tools] }),
    ...(request.schema && { output_config: { format: { type: 'json_schema', schema: request.schema } } }),
  }
}

function checked(message: Message): Message {
  const { error } = answer.safeParse(message)
  if (error) throw new ModelError('nonsense', `the answer cannot be read: ${z.prettifyError(error)}`, true)
  return message
}

function resultOf({ content, stop_reason: stop, usage, model }: Message, latencyMs: number): TurnResult {
  return {
    content,
    stop: stop === 'model_context_window_exceeded' ? 'context_exceeded' : String(stop),
    usage: usageOf(usage),
    costUsd: null,
    model,
    latencyMs,
  }
}

function usageOf(usage: Message['usage']): Usage {
  const hour = usage.cache_creation?.ephemeral_1h_input_tokens ?? 0
  return {
    input: usage.input_tokens,
    output: usage.output_tokens,
    cache_read: usage.cache_read_input_tokens ?? 0,
    // A server that does not tell them apart writes for five minutes.
    cache_write_5m:
      usage.cache_creation?.ephemeral_5m_input_tokens ?? Math.max(0, (usage.cache_creation_input_tokens ?? 0) - hour),
    cache_write_1h: hour,
  }
}
