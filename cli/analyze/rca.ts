/** `sre analyze rca`: diagnoses a recording. */
import { summaryOf } from '../../analysis/summary.ts'
import type { Observations } from '../../analysis/observations.ts'
import type { Text, Verdict } from '../../analysis/verdict.ts'
import { formatInstant } from '../../recording/instant.ts'
import { readRecording } from '../../recording/read.ts'
import { eachInput, type InputOptions, tellWarnings, unreadOf, warningsOf } from './inputs.ts'
import { report } from './report.ts'
import type { Language } from '../../gateway/present/language.ts'
import { progress, show, write, type Surface } from './surface.ts'

export interface RcaOptions extends InputOptions {
  json?: boolean
}

export type Diagnose = (observations: Observations) => Verdict

export function analyzeRca(
  dirs: readonly string[],
  options: RcaOptions,
  surface: Surface,
  diagnose: Diagnose,
): Promise<number> {
  return eachInput(dirs, options, surface, async (dir) => {
    const shown = progress(surface)
    shown.show(`${dir}: reading`)
    const { incident, observations, warnings } = await readRecording(dir, options).finally(() => shown.end())
    tellWarnings(warnings, surface)
    const start = performance.now()
    const found = diagnose(observations)
    const verdict = { ...found, missing: [...unreadOf(warnings), ...found.missing] }
    const elapsedMs = Number((performance.now() - start).toFixed(1))
    const answered = { id: incident.id, title: incident.title ?? incident.id, verdict, observations, elapsedMs }
    if (options.json)
      await write(
        surface,
        `${JSON.stringify({ ...documentOf(incident.id, verdict, elapsedMs, surface.language), warnings: warningsOf(warnings) })}\n`,
      )
    else await show(surface, report(answered, surface.language, surface.columns))
  })
}

/** JSON output as in docs/reference/recording.md; texts are in `language`. */
export function documentOf(id: string, verdict: Verdict, elapsedMs: number, language: Language) {
  const say = ({ en, zh }: { en: string; zh: string }): string => (language === 'en' ? en : zh)
  const instant = (time: number | null): string | null => (time === null ? null : formatInstant(time))
  return {
    id,
    verdict: verdict.verdict,
    summary: summaryOf(verdict).map(say),
    onset: instant(verdict.onset),
    phase: verdict.phase,
    earlier: verdict.earlier.map(({ service, since, until }) => ({
      service,
      since: instant(since),
      until: instant(until),
    })),
    standing: verdict.standing.map(say),
    confidence: verdict.confidence,
    root_causes: verdict.rootCauses.map(
      ({ rank, service, indicator, changeId, score, explanation, evidence, ...lasting }) => ({
        rank,
        service,
        indicator,
        change_id: changeId,
        score,
        explanation: say(explanation),
        evidence,
        since: instant(lasting.since),
        until: instant(lasting.until),
        phase: lasting.phase,
        separate: lasting.isSeparate,
      }),
    ),
    findings: verdict.findings.map(({ source, severity, service, message, timestamp, evidence }) => ({
      source,
      severity,
      service,
      message: say(message),
      timestamp: instant(timestamp),
      evidence,
    })),
    evidence: verdict.evidence.map(({ id, source, query, range, summary }) => ({
      id,
      source,
      query,
      time_range: { start: formatInstant(range.start), end: formatInstant(range.end) },
      summary: say(summary),
    })),
    ruled_out: verdict.ruledOut.map(({ changeId, service, reason }) => ({
      ...(changeId === undefined ? {} : { change_id: changeId }),
      ...(service === undefined ? {} : { service }),
      reason: say(reason),
    })),
    suspected_changes: suspectedIn(verdict, say),
    missing: verdict.missing.map(say),
    elapsed_ms: elapsedMs,
  }
}

function suspectedIn({ suspectedChanges: suspected }: Verdict, say: (text: Text) => string) {
  if (suspected === null) return null
  return {
    suspects: suspected.suspects.map(({ changeId, service, probability, text, evidence }) => ({
      change_id: changeId,
      service: service === '' ? null : service,
      probability,
      text: say(text),
      evidence,
    })),
    none: suspected.none,
  }
}
