/** One approval on the page. What is decided on comes from the action alone; text by others is attributed to its author. */
import { namedValues, targetOf, wordsOf } from '../../../actions/words.ts'
import { amount } from '../../../analysis/text.ts'
import { inLanguage, type Language, timeOf } from '../../../gateway/present/language.ts'
import { personIn, proposerIn } from '../../../gateway/present/person.ts'
import { actionReason, closingReason } from '../../../gateway/present/reasons.ts'
import { deciding } from '../../../gateway/present/texts.ts'
import { wordIn } from '../../../gateway/present/words.ts'
import { actionHash } from '../../../schemas/action-hash.ts'
import type { Check } from '../../../schemas/events.generated.ts'
import { exactName } from '../../../schemas/visible.ts'
import { attribute, line, lines } from '../../../schemas/html.ts'
import type { Approval } from './approvals.ts'
import type { PersonSession } from './login.ts'
import { pageTexts } from './page-texts.ts'

/** Name and value; the value is HTML; null: leave it out. */
type Fact = readonly [name: string, value: string | null]
const longest = 2_000

/** `decider`: null if no decision is possible any more. */
export function approvalCard(
  approval: Approval,
  decider: PersonSession | null,
  now: number,
  language: Language,
): string {
  const { request } = approval
  const texts = pageTexts[language]
  const altered = actionHash(request.action) !== request.action_hash
  return `<article id="${attribute(approval.id)}"><h3>${line(wordsOf(request.action)[language])}</h3>
${list(actionFacts(approval, language))}
<p><small>${decider === null ? texts.hashDecided : texts.hash} <code>${line(actionHash(request.action))}</code></small></p>
${altered ? `<p role="alert">${deciding.altered[language]}</p>` : ''}
${list(requestFacts(approval, now, language))}
${note(request, language)}
${approval.ignoredStatement ? `<p role="alert">${deciding.ignoredStatement[language]}</p>` : ''}
${list(outcomeFacts(approval, language))}
${decider === null || altered ? '' : decisionForm(approval, decider, language)}</article>`
}

/** Why it is proposed, by its author. */
function note({ title, reason, proposed_by: proposer }: Approval['request'], language: Language): string {
  const { written } = pageTexts[language]
  const why = inLanguage(reason, language)
  return proposer == null
    ? quoted(written.assistant, [inLanguage(title, language), why], language)
    : quoted(written.proposer(proposerIn(proposer, language)), [why], language)
}

function actionFacts({ request: { action } }: Approval, language: Language): Fact[] {
  const texts = pageTexts[language]
  const values = (all: Readonly<Record<string, string>>): string =>
    namedValues(all)
      .map((one) => `<code>${line(one)}</code>`)
      .join('<br>') || texts.none
  return [
    [texts.action, `<code>${line(exactName(action.type))}</code>`],
    [texts.target, `<code>${line(targetOf(action))}</code>`],
    [texts.parameters, values(action.parameters)],
    [texts.onlyWhile, values(action.target_state)],
  ]
}

function requestFacts({ request, status, closed }: Approval, now: number, language: Language): Fact[] {
  const texts = pageTexts[language]
  const minutes = Math.max(0, Math.ceil((request.expires_at - now) / 60_000))
  return [
    [texts.state, line(wordIn(language, status))],
    [texts.risk, line(wordIn(language, request.risk))],
    [texts.expires, closed === null ? texts.inMinutes(minutes, timeOf(request.expires_at)) : null],
    [texts.verified, request.checks.map(levels).join('<br>') || texts.none],
    [texts.undo, line(inLanguage(request.undo ?? {}, language)) || null],
    [texts.undoes, request.undoes == null ? null : line(request.undoes)],
    [texts.evidence, line(request.evidence.join(', ')) || null],
    [texts.session, line(request.session_id)],
  ]
}

/** `?`: not measured. */
const levels = ({ service, indicator, normal, disturbed, unit }: Check): string =>
  `<code>${line(`${service} ${indicator}`)}</code> (${[normal, disturbed].map((level) => (level === null ? '?' : line(amount(level, unit ?? undefined)))).join(' → ')})`

function outcomeFacts(approval: Approval, language: Language): Fact[] {
  const { decision, closed, action } = approval
  const texts = pageTexts[language]
  const { written } = texts
  const word = (one: string) => line(wordIn(language, one))
  const saidBy = (who: string, text: string | null) => quoted(who, text === null ? [] : [text], language)
  const decider = closed?.code === 'decided' && closed.decided_by !== null ? personIn(closed.decided_by) : null
  return [
    [texts.approvals, approvalsGiven(approval, language)],
    [
      texts.decision,
      decision === null || decider !== null
        ? null
        : `${texts.by(word(decision.decision), `<bdi>${line(decision.decider)}</bdi>`)} ${saidBy(written.person(decision.decider), decision.reason)}`,
    ],
    [
      texts.closed,
      closed &&
        (decider === null
          ? `${word(closed.outcome)}${closed.code === closed.outcome ? '' : ` (${line(closed.code)})`} ${saidBy(written.executor, closingReason(closed, language))}`
          : `${texts.by(word(closed.outcome), `<bdi>${line(decider)}</bdi>`)} ${saidBy(written.person(decider), closed.reason)}`),
    ],
    [
      texts.outcome,
      action &&
        `${texts.ended(word(action.outcome), word(action.effect))} ${saidBy(written.controlPlane, actionReason(action, language) ?? action.output)}`,
    ],
  ]
}

/** Null where one person's approval is enough: the decision says it all. */
function approvalsGiven({ approvalsNeeded: needed, approvedBy }: Approval, language: Language): string | null {
  if (needed === 1) return null
  const people = approvedBy.map(({ person, reason }) =>
    quoted(pageTexts[language].written.person(personIn(person)), reason === null ? [] : [reason], language),
  )
  const names = approvedBy.map(({ person }) => `<bdi>${line(personIn(person))}</bdi>`).join(', ')
  const count = deciding.given(approvedBy.length, needed)[language]
  return `<strong>${line(count)}</strong>${names === '' ? '' : ` (${names})`} ${people.join('')}`
}

const list = (facts: readonly Fact[]): string => {
  const shown = facts.flatMap(([name, value]) => (value ? [`<dt>${name}</dt><dd>${value}</dd>`] : []))
  return shown.length === 0 ? '' : `<dl>${shown.join('')}</dl>`
}

/** Another author's text, attributed, set apart and cut to a length that leaves room for the rest. */
function quoted(who: string, said: readonly string[], language: Language): string {
  const told = said.filter((text) => text !== '')
  const brief = (text: string) =>
    text.length <= longest
      ? lines(text)
      : `${lines(text.slice(0, longest))}${pageTexts[language].more(text.length - longest)}`
  const paragraphs = told.map((text) => `<p dir="auto">${brief(text)}</p>`).join('')
  return told.length === 0 ? '' : `<blockquote><small>${line(who)}</small>${paragraphs}</blockquote>`
}

/** The form contains the hash of the action shown: if the approval has another, the decision is refused. */
function decisionForm({ id, request, approvedBy }: Approval, decider: PersonSession, language: Language): string {
  const texts = pageTexts[language]
  const { place, formToken, person } = decider
  const approved = approvedBy.some((one) => one.person === person.identity)
  const approve = approved
    ? `<p>${deciding.approvedAlready[language]}</p>`
    : `<button name="decision" value="approved">${texts.approve}</button> `
  return `<form method="post"
action="/approvals/${place}/${attribute(id)}/decision"><input type="hidden" name="form_token" value="${formToken}">
<input type="hidden" name="action_hash" value="${actionHash(request.action)}">
<label>${texts.reason} <textarea name="reason" rows="2" required maxlength="2000"></textarea></label>
${approve}<button name="decision" value="rejected">${texts.reject}</button></form>`
}
