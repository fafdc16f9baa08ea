/** A task as clients see it, made from the views at every request: nothing is kept that could disagree with the topics. */
import { type Artifact, type Message, type Part, Role, type Task, TaskState, taskStateFromJSON } from '@a2a-js/sdk'
import { v5 as uuidOf } from 'uuid'
import { renderMarkdown } from '../../postmortem/render/markdown.ts'
import { readReport } from '../../postmortem/read-report.ts'
import type { Approval } from '../api.generated.ts'
import type { Gateway } from '../gateway.ts'
import { presentApproval } from '../present/approval.ts'
import { inLanguage, type Language, timeOf } from '../present/language.ts'
import { proposerIn } from '../present/person.ts'
import { peopleIn, presentPostmortem, summarised } from '../present/postmortem.ts'
import { presentStatus } from '../present/session.ts'
import { both } from '../present/texts.ts'
import { labelled, riskText } from '../present/words.ts'
import { findApproval } from '../views/approvals.ts'
import { findPostmortem, type PostmortemRow } from '../views/postmortems.ts'
import { findSession, type SessionRow } from '../views/sessions.ts'
import { findTask, type TaskRow } from '../views/tasks.ts'

/** Namespace of the ids of messages. */
const MESSAGES = '5b0f7a52-4d0e-5c1e-8f55-0d7c3c1f6a10'
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

export const isOver = ({ status }: Task): boolean =>
  [TaskState.TASK_STATE_COMPLETED, TaskState.TASK_STATE_FAILED, TaskState.TASK_STATE_CANCELED].includes(stateOf(status))

/** Over, or waiting for a person. */
export const isSettled = (task: Task): boolean =>
  isOver(task) || stateOf(task.status) === TaskState.TASK_STATE_INPUT_REQUIRED

const stateOf = (status: Task['status']): TaskState => status?.state ?? TaskState.TASK_STATE_UNSPECIFIED

type Views = Pick<Gateway, 'pool'>

/** One task of this tenant; null: none, or another tenant's. */
export async function readTask(views: Views, tenant: string, id: string, language: Language): Promise<Task | null> {
  const row = UUID.test(id) ? await findTask(views.pool, tenant, id) : null
  return row === null ? null : taskOf(views, tenant, row, { language, artifacts: true })
}

/** The task of a row. `artifacts`: without them, nothing is rendered for them. */
export async function taskOf(
  { pool }: Views,
  tenant: string,
  row: TaskRow,
  { language, artifacts }: { language: Language; artifacts: boolean },
): Promise<Task | null> {
  if (row.skill === 'postmortem') {
    const postmortem = await findPostmortem(pool, tenant, row.id)
    return postmortem === null ? null : postmortemTask(row, postmortem, { language, artifacts })
  }
  const session = await findSession(pool, tenant, row.id)
  if (session === null) return null
  const approvals = await Promise.all(row.open_approvals.map((id) => findApproval(pool, tenant, id)))
  const open = approvals.flatMap((approval) => (approval === null ? [] : [presentApproval(approval, language)]))
  const whole = sessionTask(row, session, open, language)
  return artifacts ? whole : { ...whole, artifacts: [] }
}

function sessionTask(row: TaskRow, session: SessionRow, open: readonly Approval[], language: Language): Task {
  const status = presentStatus(session, language)
  const { result, error } = status
  const waits = open.flatMap((approval) => [text(approvalText(approval)[language]), data(approval, 'Approval')])
  const said = result === null ? status.message : (error ?? result.summary)
  return task(row, {
    parts: waits.length > 0 ? waits : said === null ? [] : [text(said)],
    artifacts: result === null ? [] : [
      artifact('result', 'diagnosis', [text(result.summary), data(result, 'DiagnosticResult')]),
      ...evidenceOf(row.id, session.result),
    ], // prettier-ignore
    links: {
      status: `/api/v1/diagnostics/${row.id}/status`,
      events: `/api/v1/diagnostics/${row.id}/events`,
    },
  })
}

/** What the result rests on, by reference: a piece of evidence may be megabytes. */
function evidenceOf(id: string, result: SessionRow['result']): Artifact[] {
  if (result === null) return []
  const ids = [...result.findings.flatMap(({ evidence }) => evidence), ...result.root_causes.flatMap(({ evidence }) => evidence)] // prettier-ignore
  const evidence = [...new Set(ids)].map((evidence_id) => ({
    evidence_id,
    href: `/api/v1/diagnostics/${id}/evidence/${evidence_id}`,
  }))
  return evidence.length === 0 ? [] : [artifact('evidence', 'evidence', [data({ evidence }, 'EvidenceReferences')])]
}

const approvalText = ({ approval_id, title, reason, risk, proposed_by: proposer, names }: Approval) => {
  const by = (language: Language, said: string) =>
    proposer === null ? '' : labelled(language, `${said} ${proposerIn(proposer, language, names)}`, '')
  return both(
    `${title} (${riskText('en', risk)}). ${by('en', 'Proposed by')}${reason} A person decides with their own token: POST /api/v1/approvals/${approval_id}/decision`,
    `${title}（${riskText('zh-TW', risk)}）。${by('zh-TW', '提出者')}${reason} 須由人員以本人的權杖決定：POST /api/v1/approvals/${approval_id}/decision`,
  )
}

function postmortemTask(
  row: TaskRow,
  postmortem: PostmortemRow,
  { language, artifacts }: { language: Language; artifacts: boolean },
): Task {
  const { error, summary } = summarised(postmortem, language)
  const said = error ?? summary
  return task(row, {
    parts: said === null ? [] : [text(said)],
    artifacts: artifacts ? reportOf(postmortem, language) : [],
    links: { report: `/api/v1/postmortems/${row.id}` },
  })
}

function reportOf(postmortem: PostmortemRow, language: Language): Artifact[] {
  const report = postmortem.result === null ? null : readReport(postmortem.result)
  if (report === null) return []
  const written = renderMarkdown(report, { language, people: peopleIn(postmortem) })
  const shown = presentPostmortem(postmortem, language).report ?? report
  const parts = [text(written, 'text/markdown'), data(shown, 'PostmortemReport')]
  return [artifact('report', inLanguage(report.head.title, language), parts)]
}

interface Shown {
  parts: Part[]
  artifacts: Artifact[]
  links: Record<string, string>
}

function task({ id, skill, context_id, state, updated_at }: TaskRow, { parts, artifacts, links }: Shown): Task {
  const contextId = context_id ?? id
  const at = { taskId: id, contextId }
  return {
    ...{ id, contextId, artifacts, history: [] },
    status: {
      state: taskStateFromJSON(`TASK_STATE_${state}`),
      message: parts.length === 0 ? undefined : messageOf(parts, at, state),
      timestamp: timeOf(Number(updated_at)),
    },
    metadata: { skill, links },
  }
}

/** The same parts, said for the same reason, have the same message id. */
export const messageOf = (parts: Part[], at: { taskId: string; contextId: string }, reason: string): Message => ({
  ...{ ...at, parts, role: Role.ROLE_AGENT, metadata: undefined, extensions: [], referenceTaskIds: [] },
  messageId: uuidOf(JSON.stringify([at, reason, parts]), MESSAGES),
})

const artifact = (artifactId: string, name: string, parts: Part[]): Artifact => ({
  ...{ artifactId, name, parts, description: '', metadata: undefined, extensions: [] },
})

export const text = (value: string, mediaType = 'text/plain'): Part => ({
  ...{ content: { $case: 'text', value }, mediaType, filename: '', metadata: undefined },
})

/** `schema`: the name of its type, as in docs/reference/a2a.md. */
const data = (value: object, schema: string): Part => ({
  ...{ content: { $case: 'data', value }, mediaType: 'application/json', filename: '', metadata: { schema } },
})
