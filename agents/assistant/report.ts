/** From a verdict to the event people read. A claim that cites no evidence of this session is dropped. */
import type { Text, Verdict } from '../../analysis/verdict.ts'
import type { DiagnosisCompleted, Finding, RootCause } from '../../schemas/events.generated.ts'
import type { Evidence } from '../runtime/evidence.ts'

export const byLanguage = (text: Text): Record<string, string> => ({ en: text.en, 'zh-TW': text.zh })

export type Conclusion = Pick<
  DiagnosisCompleted,
  | 'verdict'
  | 'onset'
  | 'confidence'
  | 'findings'
  | 'root_causes'
  | 'missing'
  | 'ruled_out'
  | 'tools_used'
  | 'status'
  | 'reason'
>

export function conclude(verdict: Verdict, evidence: readonly Evidence[], leftOut: readonly string[]): Conclusion {
  const known = new Set(evidence.map((one) => one.id))
  const cited = (ids: readonly string[]) => ids.filter((id) => known.has(id))
  const failed = evidence.filter((one) => one.status === 'failed')
  const sources = [...new Set(failed.map((one) => one.tool))]
  return {
    status: failed.length > 0 ? 'partial' : 'completed',
    reason: failed.length > 0 ? `${failed.length} of ${evidence.length} questions failed: ${sources.join(', ')}` : null,
    verdict: verdict.verdict,
    onset: verdict.onset === null ? null : Math.round(verdict.onset),
    confidence: verdict.confidence,
    findings: verdict.findings
      .map((finding): Finding => ({
        source: finding.source,
        severity: finding.severity,
        service: finding.service,
        message: byLanguage(finding.message),
        timestamp: finding.timestamp === null ? null : Math.round(finding.timestamp),
        evidence: cited(finding.evidence),
      }))
      .filter((finding) => finding.evidence.length > 0),
    root_causes: verdict.rootCauses
      .map((cause): RootCause => ({
        rank: cause.rank,
        service: cause.service,
        indicator: cause.indicator,
        change_id: cause.changeId,
        score: cause.score,
        explanation: byLanguage(cause.explanation),
        evidence: cited(cause.evidence),
      }))
      .filter((cause) => cause.evidence.length > 0),
    missing: [...failed.map(couldNotAsk), ...missingScope(leftOut), ...verdict.missing].map(byLanguage),
    ruled_out: verdict.ruledOut.map((one) => ({
      change_id: one.changeId ?? null,
      service: one.service ?? null,
      reason: byLanguage(one.reason),
    })),
    tools_used: [...new Set(evidence.map((one) => one.tool))],
  }
}

const couldNotAsk = (evidence: Evidence): Text => ({
  en: `${evidence.tool} could not answer ${evidence.operation}: ${evidence.summary}`,
  zh: `${evidence.tool} 無法回答 ${evidence.operation}：${evidence.summary}`,
})

const missingScope = (leftOut: readonly string[]): Text[] =>
  leftOut.length === 0
    ? []
    : [
        {
          en: `${leftOut.length} more distant services were not looked at: ${leftOut.slice(0, 5).join(', ')} …`,
          zh: `另有 ${leftOut.length} 個較遠的服務未查看：${leftOut.slice(0, 5).join('、')} …`,
        },
      ]
