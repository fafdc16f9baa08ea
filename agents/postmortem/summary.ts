/** Three sentences: what it did to requests, what caused it, and how it ended. */
import type { Report, Source, Statement, Times } from '../../postmortem/report.ts'
import { percent, span } from '../../postmortem/words.ts'
import type { Facts } from './facts.ts'
import { sourceOf, wrongIn } from './feedback.ts'
import { feedback as judged } from './feedback-texts.ts'
import type { Speech } from './speech.ts'
import { summary as texts } from './texts.ts'
import { approvalsOf } from './times.ts'

interface Given {
  facts: Facts
  times: Times
  impact: Report['impact']
  cause: Report['cause']
  status: Report['head']['status']
  /** sources of a sentence that only says that something is unknown */
  fallback: readonly Source[]
  speech: Speech
}

const event = (id: string): Source => ({ kind: 'event', id })

export function summaryOf(given: Given): Statement[] {
  return [what, why, end].map((sentence) => {
    const { code, text, sources } = sentence(given)
    return { code, text, sources: sources.length === 0 ? [...given.fallback] : [...sources] }
  })
}

type Sentence = Pick<Statement, 'code' | 'text'> & { sources: readonly Source[] }

/** About the service closest to the users or, if that is unknown, the one with the most failures. */
function what({ times: { began }, impact: { services, entry, duration_ms, periods = [] } }: Given): Sentence {
  if (began.at === null) return { code: 'nothing_began', text: texts.nothingBegan, sources: [] }
  const chosen =
    services.find(({ service }) => service === entry) ??
    services.toSorted((one, other) => (other.failed_requests ?? -1) - (one.failed_requests ?? -1))[0]
  const lasted = duration_ms === null ? null : periods.length < 2 ? span(duration_ms) : texts.inPeriods(span(duration_ms), periods.length) // prettier-ignore
  if (chosen === undefined)
    return { code: 'not_measured', text: texts.notMeasured(began.at, lasted), sources: began.sources }
  const { measured } = chosen
  const end = duration_ms === null ? null : (periods.at(-1)?.to ?? began.at + duration_ms)
  const isCutOff = measured !== null && end !== null && measured.to < end
  return {
    code: 'impact',
    text: texts.impact(began.at, lasted, chosen, isCutOff ? measured.to : null),
    sources: [...began.sources, ...chosen.sources.slice(0, 20)],
  }
}

function why({ facts, cause: { first, open }, speech }: Given): Sentence {
  if (first !== null)
    return { code: 'cause', text: texts.cause(first, percent(first.probability)), sources: first.sources }
  const [wrong] = wrongIn(facts)
  const [named] = wrong?.result.root_causes ?? []
  if (wrong !== undefined && named !== undefined) {
    const { result, feedback } = wrong
    const text = judged.wrong(named.service, percent(result.confidence), speech.quoted(feedback.root_cause ?? ''))
    return { code: 'diagnosis_wrong', text, sources: [sourceOf(feedback), event(result.event_id)] }
  }
  return { code: 'no_cause', text: texts.noCause, sources: open[0]?.sources ?? [] }
}

function end({ facts, times: { mitigated, resolved }, status }: Given): Sentence {
  const ran = approvalsOf(facts).flatMap(({ acted }) => (acted?.outcome === 'succeeded' ? [acted] : []))
  const helped = ran.find(({ effect }) => effect === 'helped')
  const sources = [...mitigated.sources, ...resolved.sources]
  if (helped !== undefined)
    return {
      code: 'helped',
      text: texts.helped(helped.action.type, helped.action.service, status),
      sources: [event(helped.event_id), ...resolved.sources],
    }
  if (status === 'no_incident') return { code: 'no_incident', text: texts.noIncident, sources }
  const last = ran.at(-1)
  const { at: over } = mitigated
  const before = over === null ? undefined : ran.findLast(({ started_at }) => started_at === null || started_at <= over)
  if (before !== undefined)
    return {
      code: 'recovered_after',
      text: texts.recoveredAfter(before.effect, status),
      sources: [event(before.event_id), ...sources],
    }
  if (over !== null) return { code: 'recovered', text: texts.recovered(status), sources }
  if (last !== undefined)
    return { code: 'did_not_help', text: texts.didNotHelp(last.effect, status), sources: [event(last.event_id)] }
  return { code: status, text: texts.status(status), sources }
}
