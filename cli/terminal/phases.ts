/** One line per phase, updated as answers arrive. Failures get their own lines. */
import { noteIn } from '../../agents/tools/notes.ts'
import type { Language } from '../../gateway/present/language.ts'
import { readable } from '../../gateway/present/words.ts'
import type { Events } from '../../schemas/events.generated.ts'
import { type Line, paint, painted, type Painted } from './line.ts'

/** One query to a source, and its result. */
export type Call = Pick<
  Events['EvidenceRecorded'],
  'tool' | 'operation' | 'status' | 'query' | 'summary' | 'error' | 'duration_ms'
>

export interface Phases {
  /** `at`: ms since the epoch */
  begin(what: string, at: number): void
  /** permanent lines. An answer may arrive after the next phase began: it counts in the phase that asked */
  call(one: Call, at: number): Line[]
  /** one permanent line per phase */
  end(): Line[]
  /** the same lines while they still grow */
  growing(): Line[]
}

interface Phase {
  what: string
  since: number
  counts: Counts
}

const none = (): Counts => ({ ok: 0, no_data: 0, failed: 0 })

/** Maximum number of failures shown per phase. */
const FAILURES_SHOWN = 3

/** `everyCall`: also a line per call. */
export function createPhases(language: Language, everyCall: boolean): Phases {
  let phases: Phase[] = []
  // there is no order across topics: a call may arrive before its phase
  let early = none()
  return {
    begin(what, at) {
      phases.push({ what, since: at, counts: phases.length === 0 ? early : none() })
    },
    call(one, at) {
      const { counts } = phases.findLast(({ since }) => since < at) ?? phases[0] ?? { counts: early }
      const isFailure = one.status !== 'ok' && one.status !== 'no_data'
      counts[isFailure ? 'failed' : (one.status as 'ok' | 'no_data')] += 1
      return everyCall || (isFailure && counts.failed <= FAILURES_SHOWN) ? [callLine(one, language)] : []
    },
    end() {
      const ended = phases.map((one) => (one.counts.failed > 0 ? paint('yellow', told(one, language)) : told(one, language))) // prettier-ignore
      phases = []
      early = none()
      return ended
    },
    growing: () =>
      phases.map((one, index) => (index < phases.length - 1 ? told(one, language) : painted`${told(one, language)} …`)),
  }
}

interface Counts {
  ok: number
  no_data: number
  failed: number
}

const WORDS: Readonly<Record<Language, (counts: Counts) => readonly (string | false)[]>> = {
  en: ({ ok, no_data, failed }) => [
    ok > 0 && `${ok} ${ok === 1 ? 'answer' : 'answers'}`,
    no_data > 0 && `${no_data} without data`,
    failed > 0 && `${failed} failed`,
  ],
  'zh-TW': ({ ok, no_data, failed }) => [
    ok > 0 && `${ok} 個回應`,
    no_data > 0 && `${no_data} 個沒有資料`,
    failed > 0 && `${failed} 個失敗`,
  ],
}

function told({ what, counts }: Phase, language: Language): Painted {
  const words = WORDS[language](counts).filter((one) => one !== false)
  if (words.length === 0) return painted`${what}`
  return language === 'zh-TW'
    ? painted`${what}：${paint('dim', words.join('、'))}`
    : painted`${what}: ${paint('dim', words.join(', '))}`
}

const COLOURS: ReadonlyMap<string, 'green' | 'yellow'> = new Map([
  ['ok', 'green'],
  ['no_data', 'yellow'],
])

function callLine({ tool, operation, status, query, summary, error, duration_ms }: Call, language: Language): Painted {
  const first = query.split('\n')[0] ?? ''
  const shown = first.length > 60 ? `${first.slice(0, 57)}…` : first
  const result = paint(COLOURS.get(status) ?? 'red', readable(language, status))
  return painted`  ${result} ${tool} ${operation} ${paint('dim', `${shown}  ${Math.round(duration_ms)} ms`)} ${noteIn(language, error ?? summary)}`
}
