/** Tries what the platform needs of a model, one ability after the other. Each is asked for real, and paid. */
import type { ContentBlock, Model, ModelError, TurnRequest, TurnResult, Usage } from './model.ts'

export const ABILITIES = ['answer', 'chinese', 'structured', 'tools', 'continues', 'cached'] as const
export type Ability = (typeof ABILITIES)[number]

export interface Tried {
  ability: Ability
  able: boolean
  /** why it failed; null: it answered, well or not */
  failure: ModelError | null
}
export interface Checked {
  /** as the server names it; null: it never answered */
  model: string | null
  tried: Tried[]
  /** tokens of all answers */
  usage: Usage
}

const TOOL = {
  name: 'read_change',
  description: 'Reads the diff of one change.',
  input_schema: { type: 'object' as const, properties: { id: { type: 'string' } }, required: ['id'] },
}
const SCHEMA = {
  ...{ type: 'object', required: ['guilty'], additionalProperties: false },
  properties: { guilty: { type: 'string' } },
}
/** Longer than the shortest prefix that any server caches. */
const LONG = Array.from({ length: 800 }, (_, at) => `${at}: pod cart-${at} answered within ${at + 5} ms.`).join('\n')

const plain = (content: string, more: Partial<TurnRequest> = {}): TurnRequest => ({
  ...{ system: 'You answer briefly.', messages: [{ role: 'user', content }], tools: [], schema: null },
  ...{ maxTokens: 2000, size: 'hard', ...more },
})

/** Throws ModelError only where nothing else could work: unauthorized, unreachable, or when `signal` aborts. */
export async function checkModel(model: Model, signal: AbortSignal): Promise<Checked> {
  const results: TurnResult[] = []
  const ask = async (request: TurnRequest) => {
    const result = await model.turn(request, signal)
    results.push(result)
    return result
  }
  const call = plain('Which release broke cart? Read change c-17 with the tool first.', { tools: [TOOL] })
  let called: TurnResult | undefined
  const tests: Record<Ability, () => Promise<boolean>> = {
    answer: async () => /\bready\b/i.test(textOf(await ask(plain('Say the word: ready')))),
    chinese: async () => /[\u4e00-\u9fff]/.test(textOf(await ask(plain('請以臺灣的中文說明：什麼是部署回復？')))),
    structured: async () =>
      guiltyOf(textOf(await ask(plain('Release c-17 of cart is guilty. Name it.', { schema: SCHEMA })))) === 'c-17',
    tools: async () => {
      called = await ask(call)
      return called.stop === 'tool_use' && callOf(called)?.name === TOOL.name
    },
    continues: async () => {
      const use = called && callOf(called)
      if (!called || !use) return false
      const messages: TurnRequest['messages'] = [
        ...call.messages,
        { role: 'assistant', content: called.content },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: use.id, content: 'pool_size: 40 -> 4' }] },
      ]
      return textOf(await ask({ ...call, messages })).length > 0
    },
    cached: async () => {
      const request = plain('Say the word: ready', { system: LONG })
      await ask(request)
      return (await ask(request)).usage.cache_read > 0
    },
  }
  const tried: Tried[] = []
  for (const ability of ABILITIES) tried.push(await attempt(ability, tests[ability], signal))
  return { model: results[0]?.model ?? null, tried, usage: sumOf(results) }
}

async function attempt(ability: Ability, test: () => Promise<boolean>, signal: AbortSignal): Promise<Tried> {
  try {
    return { ability, able: await test(), failure: null }
  } catch (error) {
    const failure = error as ModelError
    if (signal.aborted || failure.name !== 'ModelError') throw error
    if (failure.code === 'unauthorized' || failure.code === 'unreachable') throw error
    return { ability, able: false, failure }
  }
}

const textOf = ({ content }: TurnResult): string =>
  content.map((block) => (block.type === 'text' ? block.text : '')).join('')

const callOf = ({ content }: TurnResult) =>
  content.find((block): block is Extract<ContentBlock, { type: 'tool_use' }> => block.type === 'tool_use')

function guiltyOf(text: string): unknown {
  try {
    return (JSON.parse(text) as { guilty?: unknown } | null)?.guilty
  } catch {
    return undefined
  }
}

function sumOf(results: readonly TurnResult[]): Usage {
  const sum = (of: keyof Usage) => results.reduce((total, { usage }) => total + usage[of], 0)
  return {
    ...{ input: sum('input'), output: sum('output'), cache_read: sum('cache_read') },
    ...{ cache_write_5m: sum('cache_write_5m'), cache_write_1h: sum('cache_write_1h') },
  }
}
