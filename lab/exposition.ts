/** One scrape of a shop service, parsed from the Prometheus text format: samples by name and labels. */
export interface Sample {
  name: string
  labels: Readonly<Record<string, string>>
  value: number
}

export type Scrape = ReadonlyMap<string, Sample>

const sampleLine = /^(([a-zA-Z_:][\w:]*)(?:\{(.*)\})?) (\S+)$/
const labelPair = /\b([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g

/** Throws on any line that is neither a comment nor a sample, so that a scrape is complete or fails. */
export function parseScrape(text: string): Scrape {
  const scrape = new Map<string, Sample>()
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue
    const [, series, name, labels, value] = sampleLine.exec(line) ?? []
    if (series === undefined || name === undefined) throw new Error(`not a sample: ${line}`)
    scrape.set(series, { name, labels: parseLabels(labels ?? ''), value: Number(value) })
  }
  return scrape
}

const parseLabels = (text: string): Record<string, string> =>
  Object.fromEntries([...text.matchAll(labelPair)].map(([, name = '', value = '']) => [name, value]))
