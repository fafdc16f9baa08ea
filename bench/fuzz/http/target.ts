/** The HTTP surface of a real gateway: it answers any request as the document says, and keeps running. */
import { inspect } from 'node:util'
import type { Document } from '../../../gateway/document.ts'
import type { Target } from '../runner.ts'
import { createClient } from './client.ts'
import { createJudge } from './judge.ts'
import { type Known, type Request, requestsOf } from './requests.ts'

export interface Surface {
  document: Document
  url: string
  known: Known
  tokenOf(who: string): Promise<string>
}

/** concurrent requests per input */
const AT_ONCE = 8

export function httpTarget({ document, url, known, tokenOf }: Surface): Target<readonly Request[]> {
  const client = createClient(new URL(url))
  const judge = createJudge(document)
  const make = requestsOf(document, known)

  async function attempt(request: Request): Promise<string> {
    try {
      const { raw, who } = request
      const answer = raw === null ? await client.send(request, await bearer(who, tokenOf)) : await client.sendRaw(raw)
      if (answer !== null) judge(request, answer)
      return `${raw === null ? '' : 'bytes: '}${answer?.status ?? 'no answer'}`
    } catch (error) {
      throw new Error(shown(request), { cause: error })
    }
  }

  return {
    make: (chance) => Array.from({ length: AT_ONCE }, () => make(chance)),
    attempt: (requests) => Promise.all(requests.map(attempt)),
    show: (requests) => requests.map(({ method, path }) => `${method} ${path.slice(0, 100)}`).join('\n'),
    async close() {
      client.close()
    },
  }
}

const shown = (request: Request): string =>
  inspect(
    { ...request, body: request.body?.toString(), raw: request.raw?.toString('latin1') },
    { maxStringLength: 600 },
  )

/** A person's or machine's token, a tampered one, or nonsense. */
async function bearer(who: string | null, tokenOf: Surface['tokenOf']): Promise<string | null> {
  if (who === null) return null
  if (who === 'nobody') return 'nonsense'
  if (who === 'forged') return `${(await tokenOf('bob')).slice(0, -8)}AAAAAAAA`
  return tokenOf(who)
}
