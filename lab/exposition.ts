/** What one scrape of a shop service says, out of the Prometheus text format. Counters only ever grow while the process lives. */
export interface Scrape {
  requests: number
  errors: number
  /** requests by upper bound of their duration in s, cumulative; the last bound is Infinity */
  buckets: ReadonlyMap<number, number>
  cpuSeconds: number
  memoryBytes: number
}

interface Sample {
  name: string
  labels: Readonly<Record<string, string>>
  value: number
}

const sampleLine = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/
const labelPair = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g

/** Throws when a line is neither a comment nor a sample: a scrape is right or it is not there. */
export function parseScrape(text: string): Scrape {
  const scrape = { requests: 0, errors: 0, buckets: new Map<number, number>(), cpuSeconds: 0, memoryBytes: 0 }
  for (const { name, labels, value } of samples(text)) {
    if (name === 'http_requests_total') {
      scrape.requests += value
      if (labels['status_code']?.startsWith('5')) scrape.errors += value
    } else if (name === 'http_request_duration_seconds_bucket') {
      const bound = labels['le'] === '+Inf' ? Infinity : Number(labels['le'])
      scrape.buckets.set(bound, (scrape.buckets.get(bound) ?? 0) + value)
    } else if (name === 'process_cpu_seconds_total') scrape.cpuSeconds = value
    else if (name === 'process_resident_memory_bytes') scrape.memoryBytes = value
  }
  return scrape
}

function* samples(text: string): Iterable<Sample> {
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue
    const [, name, labels, value] = sampleLine.exec(line) ?? []
    if (name === undefined) throw new Error(`not a sample: ${line}`)
    yield { name, labels: parseLabels(labels ?? ''), value: Number(value) }
  }
}

const parseLabels = (text: string): Record<string, string> =>
  Object.fromEntries([...text.matchAll(labelPair)].map(([, name = '', value = '']) => [name, value]))
