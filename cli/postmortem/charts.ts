/** The charts of a postmortem in Markdown, as files beside it. */
import { dirname, join, parse } from 'node:path'
import type { Postmortem } from '../../gateway/api.generated.ts'
import { type Language, reportSchema } from '../../postmortem/report.ts'
import { chartFile, chartsOf } from '../../postmortem/render/svg.ts'

export interface Charts {
  /** base name that the Markdown links them by */
  name: string
  files: { file: string; svg: string }[]
}

/** Null: the report is not written to a file, or has no charts. */
export function chartsBeside({ report }: Postmortem, output: string | undefined, language: Language): Charts | null {
  const read = reportSchema.safeParse(report)
  if (output === undefined || !read.success || read.data.charts.length === 0) return null
  // the rest could not be linked, or would be an option or a hidden file
  const name = parse(output).name.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '').slice(0, 80) || 'chart' // prettier-ignore
  const files = chartsOf(read.data, { language }).map((svg, place) => ({ file: join(dirname(output), chartFile(name, place + 1)), svg })) // prettier-ignore
  return { name, files }
}
