/** What one scrape of a shop service says, out of the Prometheus text format: each sample by its name and labels as they are written. */
export interface Sample {
  name: string
  labels: Readonly<Record<string, string>>
  value: number
}

export type Scrape = ReadonlyMap<string, Sample>

const sampleLine = /^(([a-zA-Z_:][\w:]*)(?:\{(.*)\})?) (\S+)$/
const labelPair = /\b([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g

/** Throws when a line is neither a comment nor a sample: a scrape is right or it is not there. */
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
