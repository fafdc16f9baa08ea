/** A session's phases as a person reads them: one line each, which grows with what came back. What failed has a line of its own. */
import type { Language } from '../../gateway/present/language.ts'
import { type Line, paint, painted, type Painted } from './line.ts'

/** One question to a source, and what came of it. */
export interface Call {
  tool: string
  operation: string
  status: string
  query: string
  summary: string
  error: string | null
  duration_ms: number
}

/** Each answers the lines that are final. */
export interface Phases {
  begin(what: string): Line[]
  call(one: Call): Line[]
  end(): Line[]
  /** null: nothing is under way */
  growing(): Line | null
}

/** More of one phase say nothing new. */
const FAILURES_SHOWN = 3

/** `everyCall`: a line for each call too. */
export function createPhases(language: Language, everyCall: boolean): Phases {
  let phase: { what: string; counts: Counts } | null = null
  const end = (): Line[] => {
    if (phase === null) return []
    const { what, counts } = phase
    phase = null
    return [painted`${counts.failed > 0 ? paint('yellow', '!') : paint('green', '✓')} ${told(what, counts, language)}`]
  }
  return {
    begin(what) {
      const before = end()
      phase = { what, counts: { ok: 0, no_data: 0, failed: 0 } }
      return before
    },
    call(one) {
      const counts = phase?.counts ?? { ok: 0, no_data: 0, failed: 0 }
      if (one.status === 'ok' || one.status === 'no_data') counts[one.status] += 1
      else counts.failed += 1
      const isFailure = one.status !== 'ok' && one.status !== 'no_data'
      return everyCall || (isFailure && counts.failed <= FAILURES_SHOWN) ? [callLine(one)] : []
    },
    end,
    growing: () => (phase === null ? null : painted`… ${told(phase.what, phase.counts, language)}`),
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

function told(what: string, counts: Counts, language: Language): Painted {
  const words = WORDS[language](counts).filter((one) => one !== false)
  return words.length === 0
    ? painted`${what}`
    : painted`${what}${paint('dim', `  ${words.join(language === 'zh-TW' ? '、' : ', ')}`)}`
}

const MARKS = new Map([
  ['ok', paint('green', '✓')],
  ['no_data', paint('yellow', '∅')],
])

function callLine({ tool, operation, status, query, summary, error, duration_ms }: Call): Painted {
  const first = query.split('\n')[0] ?? ''
  const shown = first.length > 60 ? `${first.slice(0, 57)}…` : first
  return painted`  ${MARKS.get(status) ?? paint('red', '✗')} ${tool} ${operation} ${paint('dim', `${shown}  ${Math.round(duration_ms)} ms`)} ${error ?? summary}`
}
