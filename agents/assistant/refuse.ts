/** Requests that are refused, and why. */
import type { DiagnosisRequested } from '../../schemas/events.generated.ts'
import { isVisible, visible } from '../../schemas/visible.ts'
import { AnalysisTimeoutError } from './analysis-threads.ts'
import type { Refusal } from './result.ts'

const KINDS = ['deployment', 'alert', 'capacity', 'question']

/** Null: acceptable. The gateway already rejects these, but a client that publishes to the bus directly may still send them. */
export const refusalOf = (request: DiagnosisRequested): Refusal | null => unknownKind(request) ?? unseenName(request)

const unknownKind = ({ kind }: DiagnosisRequested): Refusal | null =>
  KINDS.includes(kind)
    ? null
    : {
        code: 'unknown_kind',
        about: visible(kind),
        text: {
          en: `requests of kind ${visible(kind)} are not supported`,
          zh: `不支援 ${visible(kind)} 類型的請求`,
        },
      }

/** Invisible characters in a name are refused: two services could look alike, and a control character may steer the terminal. */
function unseenName(request: DiagnosisRequested): Refusal | null {
  const { service, namespace, deployment_id: deployment, affected_services: affected, incident_ids: incidents, alert_ids: alerts } = request // prettier-ignore
  const name = [service, namespace, deployment, ...affected, ...incidents, ...alerts].find((one) => one !== null && !isVisible(one)) // prettier-ignore
  if (name === undefined || name === null) return null
  const shown = visible(name)
  return {
    code: 'unseen_name',
    about: shown,
    text: { en: `the name "${shown}" contains invisible characters`, zh: `名稱「${shown}」含有看不見的字元` },
  }
}

/** The answer when an analysis hits its time limit: a result, so nobody retries. Rethrows any other error. */
export function tooLong(error: unknown): Refusal {
  if (!(error instanceof AnalysisTimeoutError)) throw error
  const seconds = error.longestMs / 1000
  return {
    code: 'analysis_timeout',
    about: `ended after ${seconds} s`,
    text: {
      en: `the analysis was stopped after ${seconds} s; ask about a shorter window or fewer services`,
      zh: `分析超過 ${seconds} 秒，已中止；請縮短查詢時段或減少服務`,
    },
  }
}
