/** A report has to fit into one record: what can be read elsewhere is left out first, and the report says so. */
import type { Report } from '../../postmortem/report.ts'
import { process as texts } from './process-texts.ts'

/** Records may have 1 MiB, with the summary and the framing beside the report. */
const MOST_BYTES = 800_000
const KEPT_ENTRIES = 100

export function fitted(report: Report): Report {
  if (bytesOf(report) <= MOST_BYTES) return report
  const missing = [...report.missing, texts.shortened]
  const withoutCharts = { ...report, missing, charts: [] }
  if (bytesOf(withoutCharts) <= MOST_BYTES) return withoutCharts
  const left = Math.max(0, report.timeline.length - KEPT_ENTRIES)
  return {
    ...withoutCharts,
    timeline: report.timeline.slice(0, KEPT_ENTRIES),
    timeline_left_out: report.timeline_left_out + left,
  }
}

const bytesOf = (report: Report): number => Buffer.byteLength(JSON.stringify(report))
