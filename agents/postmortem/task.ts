/** A postmortem as a task of A2A, for agents. */
import { type Artifact, type Message, type Part, Role, type StreamResponse, type Task, taskStateFromJSON } from '@a2a-js/sdk' // prettier-ignore
import { v5 as uuidv5 } from 'uuid'
import { readReport } from '../../postmortem/read-report.ts'
import { renderMarkdown } from '../../postmortem/render/markdown.ts'
import type { Language } from '../../postmortem/report.ts'
import { MOST } from '../a2a/binding.ts'
import type { TaskRow } from './calls.ts'

/** Namespace of the ids of messages: the same words about the same task are the same message. */
const MESSAGES = '0d3f2a61-7a52-5c0e-9a8e-54c1f4f3c1d7'

export function stateOf({ begun, ended }: Pick<TaskRow, 'begun' | 'ended'>): string {
  if (ended === null) return begun ? 'WORKING' : 'SUBMITTED'
  return ['failed', 'cancelled'].includes(ended.status) ? 'FAILED' : 'COMPLETED'
}

const languageOf = ({ language }: TaskRow): Language => (language === 'zh-TW' ? 'zh-TW' : 'en')

const contextOf = (row: TaskRow): string => row.context_id ?? row.postmortem_id

/** `modes`: media types that the caller accepts; none: any. */
export function taskOf(row: TaskRow, modes: readonly string[]): Task {
  const { postmortem_id: id, updated_at } = row
  const contextId = contextOf(row)
  return {
    ...{ id, contextId, history: [] },
    artifacts: artifactsOf(row, modes),
    status: {
      state: taskStateFromJSON(`TASK_STATE_${stateOf(row)}`),
      message: messageOf(row),
      timestamp: new Date(updated_at).toISOString(),
    },
    metadata: { skill: 'postmortem', links: { report: `/api/v1/postmortems/${id}` } },
  }
}

export const withoutArtifacts = (task: Task): Task => ({ ...task, artifacts: [] })

/** What a stream tells when the task has ended: the artifacts, then the status. */
export function endOf(row: TaskRow, modes: readonly string[]): StreamResponse[] {
  const { id: taskId, contextId, artifacts, status } = taskOf(row, modes)
  const at = { taskId, contextId, metadata: undefined }
  return [
    ...artifacts.map((artifact): StreamResponse => ({ payload: { $case: 'artifactUpdate', value: { ...at, artifact, append: false, lastChunk: true } } })), // prettier-ignore
    { payload: { $case: 'statusUpdate', value: { ...at, status } } },
  ]
}

function messageOf(row: TaskRow): Message | undefined {
  if (row.ended === null) return undefined
  const { summary, reason } = row.ended
  const words = summary[languageOf(row)] ?? summary['en'] ?? reason ?? ''
  if (words === '') return undefined
  return {
    messageId: uuidv5(JSON.stringify([row.postmortem_id, words]), MESSAGES),
    ...{ taskId: row.postmortem_id, contextId: contextOf(row), role: Role.ROLE_AGENT, parts: [text(words, 'text/plain')] }, // prettier-ignore
    ...{ metadata: undefined, extensions: [], referenceTaskIds: [] },
  }
}

/** The report as far as the caller accepts it and it fits into a record; what does not fit is read from the topic. */
function artifactsOf(row: TaskRow, modes: readonly string[]): Artifact[] {
  const report = readReport(row)
  if (report === null) return []
  const language = languageOf(row)
  const accepts = (type: string) => modes.length === 0 || modes.includes(type)
  const markdown = accepts('text/markdown') ? [text(renderMarkdown(report, { language }), 'text/markdown')] : []
  const json = accepts('application/json') ? [data(report, 'PostmortemReport')] : []
  const where = { postmortem_id: row.postmortem_id, topic: 'sre.postmortem.completed.v1' }
  const fitting = [[...markdown, ...json], markdown, json.length === 0 ? [] : [data(where, 'PostmortemReference')]].find(fits) ?? [] // prettier-ignore
  if (fitting.length === 0) return []
  const name = report.head.title[language]
  return [{ artifactId: 'report', name, parts: fitting, description: '', metadata: undefined, extensions: [] }]
}

/** Beside the artifact, a task has little. */
const BESIDE = 20_000
const fits = (parts: readonly Part[]): boolean => parts.length > 0 && Buffer.byteLength(JSON.stringify(parts)) <= MOST.response - BESIDE // prettier-ignore

const text = (value: string, mediaType: string): Part => ({
  ...{ content: { $case: 'text', value }, mediaType, filename: '', metadata: undefined },
})

/** `schema`: the type of the data, as at the gateway. */
const data = (value: object, schema: string): Part => ({
  ...{ content: { $case: 'data', value }, mediaType: 'application/json', filename: '', metadata: { schema } },
})
