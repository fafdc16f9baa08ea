/** What the memory has on an incident, told beside the ranking: it never changes what the analysis concluded. */
import type { Observations } from '../../analysis/observations.ts'
import type { Text, Verdict } from '../../analysis/verdict.ts'
import type { Recalled, Recalling } from '../../memory/recall.ts'
import type { Finding } from '../../schemas/events.generated.ts'
import type { Question } from '../runtime/ask.ts'
import type { Evidence } from '../runtime/evidence.ts'
import type { LogsAnswer, Tools } from '../tools/tools.ts'
import { byLanguage } from './report.ts'

const MOST_TEMPLATES = 10
const MOST_CHARACTERS = 300

/** null: there is no memory, or no cause to ask about. */
export function recollection(
  sessionId: string,
  verdict: Verdict,
  { changes }: Observations,
  gathered: readonly Evidence[],
  { memory }: Tools,
): Question | null {
  const cause = verdict.rootCauses[0]
  if (memory === undefined || cause === undefined || verdict.verdict === 'nothing_wrong') return null
  const change = changes.find(({ id }) => id === cause.changeId)?.type ?? null
  const { service, indicator, explanation } = cause
  const what: Recalling = { sessionId, service, indicator, change, templates: newTemplates(service, gathered), cause: explanation.en } // prettier-ignore
  return (context) => memory.recall(what, context)
}

/** Log templates of the service that were new. */
const newTemplates = (service: string, gathered: readonly Evidence[]): string[] =>
  gathered
    .filter(({ operation, status }) => operation === 'logs' && status === 'ok')
    .map(({ data }) => data as LogsAnswer)
    .filter(({ lines }) => lines[0]?.service === service)
    .flatMap(({ templates }) => templates.filter(({ isNew }) => isNew).map(({ template }) => template))
    .slice(0, MOST_TEMPLATES)

/** Without a time, so that no timeline takes what was then for what is now. */
export function recollected(evidence: Evidence | null, service: string | null): Finding[] {
  if (evidence?.status !== 'ok') return []
  const { incidents, sections } = evidence.data as Recalled
  const messages = [...incidents.map(incidentText), ...sections.map(sectionText)]
  return messages.map((message) => ({
    ...{ source: 'memory', severity: 'info', service, timestamp: null },
    message: byLanguage(message),
    evidence: [evidence.id],
  }))
}

function incidentText({ time, incident }: Recalled['incidents'][number]): Text {
  const { session_id, incident_ids, helped } = incident
  const id = cut(incident_ids[0] ?? session_id.slice(-6))
  // some ids say it themselves
  const named = /^incident/i.test(id) ? id : `incident ${id}`
  const cause = { en: clause(incident.cause.en), zh: clause(incident.cause.zh) }
  const day = dayOf(time)
  const end =
    helped === null
      ? { en: 'people confirmed it', zh: '並經人員確認' }
      : {
          en: `${cut(helped.type)} of ${cut(helped.service)} helped`,
          zh: `${cut(helped.service)} 的 ${cut(helped.type)} 有效`,
        }
  return {
    en: `looks like ${named}${day.en}: there it was “${cause.en}”, and ${end.en}`,
    zh: `類似${day.zh}事故 ${id}：當時是「${cause.zh}」，${end.zh}`,
  }
}

function sectionText({ collection, source, headings }: Recalled['sections'][number]): Text {
  const title = cut(headings.length === 0 ? source : headings.join(' › '))
  return collection === 'postmortem_archive'
    ? { en: `postmortem: ${title}`, zh: `事後檢討：${title}` }
    : { en: `runbook: ${title} (${cut(source)})`, zh: `runbook：${title}（${cut(source)}）` }
}

function dayOf(time: number | null): Text {
  if (time === null) return { en: '', zh: '' }
  const day = new Date(time)
  const en = day.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' })
  return {
    en: ` of ${en}`,
    zh: ` ${day.getUTCFullYear()} 年 ${day.getUTCMonth() + 1} 月 ${day.getUTCDate()} 日的`,
  }
}

/** Without the full stop, as a sentence goes on after it. */
const clause = (text: string): string => cut(text).replace(/[.。]$/, '')

const cut = (text: string): string =>
  text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS).toWellFormed()} …`
