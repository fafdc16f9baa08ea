/** Asks the memory, which is Chroma, what it has on an incident. Read only. */
import { type Place, recall, wordsOf } from '../../../memory/recall.ts'
import { answer } from '../answer.ts'
import { failures, summaries } from '../notes.ts'
import type { MemoryTool } from '../tools.ts'

/** ms: a diagnosis is worth more than what was before, and is not kept waiting for it. */
const LIMIT_MS = 5000

export const liveMemory = (place: Place, limitMs = LIMIT_MS): MemoryTool => ({
  recall: (what, { signal, tenant }) =>
    answer({ tool: 'memory', operation: 'recall', query: wordsOf(what), range: null }, async () => {
      if (tenant === undefined) throw new Error('the memory is kept per tenant, and none was named')
      const late = new Error(failures.tooSlow(new URL(place.url).origin, limitMs))
      const ended = new AbortController()
      const timer = setTimeout(() => ended.abort(late), limitMs)
      try {
        const either = AbortSignal.any([signal, ended.signal])
        // an embedding model has a time limit of its own, which is longer
        const data = await Promise.race([recall(place, tenant, what, either), gone(either)])
        const count = data.incidents.length + data.sections.length
        return count === 0 ? { data: null, summary: summaries.notRemembered() } : { data, summary: summaries.remembered(data.incidents.length, data.sections.length) } // prettier-ignore
      } finally {
        clearTimeout(timer)
      }
    }),
})

const gone = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    const leave = () => reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'))
    if (signal.aborted) leave()
    else signal.addEventListener('abort', leave, { once: true })
  })
