/** Requests that are answered with why nobody answers them. */
import type { DiagnosisRequested } from '../../schemas/events.generated.ts'
import { isVisible, visible } from '../../schemas/visible.ts'
import { AnalysisTimeoutError } from './analysis-threads.ts'
import type { Refusal } from './result.ts'

const KINDS = ['deployment', 'alert', 'capacity']

/** Null: it can be looked at. The gateway lets no such request pass; whoever writes to the bus may. */
export const refusalOf = (request: DiagnosisRequested): Refusal | null => unknownKind(request) ?? unseenName(request)

const unknownKind = ({ kind }: DiagnosisRequested): Refusal | null =>
  KINDS.includes(kind)
    ? null
    : {
        code: 'unknown_kind',
        about: visible(kind),
        text: {
          en: `requests of kind ${visible(kind)} cannot be answered`,
          zh: `無法回答 ${visible(kind)} 類型的請求`,
        },
      }

/** A name that cannot be seen whole is no name: two that look alike would be two services, and one may steer the screen it is shown on. */
function unseenName(request: DiagnosisRequested): Refusal | null {
  const { service, namespace, deployment_id: deployment, affected_services: affected, incident_ids: incidents, alert_ids: alerts } = request // prettier-ignore
  const name = [service, namespace, deployment, ...affected, ...incidents, ...alerts].find((one) => one !== null && !isVisible(one)) // prettier-ignore
  if (name === undefined || name === null) return null
  const shown = visible(name)
  return {
    code: 'unseen_name',
    about: shown,
    text: { en: `the name "${shown}" holds characters that cannot be seen`, zh: `名稱「${shown}」含有看不見的字元` },
  }
}

/** What an analysis that was past its time is answered with: it is a result, so that nobody tries again. Throws any other error. */
export function tooLong(error: unknown): Refusal {
  if (!(error instanceof AnalysisTimeoutError)) throw error
  const seconds = error.longestMs / 1000
  return {
    code: 'analysis_timeout',
    about: `ended after ${seconds} s`,
    text: {
      en: `the analysis took longer than ${seconds} s and was ended; ask about a shorter time or fewer services`,
      zh: `分析超過 ${seconds} 秒，已被中止；請縮短時間範圍或減少服務`,
    },
  }
}
