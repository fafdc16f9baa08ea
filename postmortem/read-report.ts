import { type Report, reportSchema } from './report.ts'

/** The report of an event. Anyone could have published it, so it is checked; null: there is none. */
export function readReport({ report }: { report: string | null }): Report | null {
  const read = report === null ? null : reportSchema.safeParse(parsed(report))
  return read?.success === true ? read.data : null
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return null
  }
}
