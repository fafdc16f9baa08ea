/** What a server notes beside an answer (`PromQL info: …`) names the place in the query and the numbers found: each query says it anew. */
const NOTE = /^PromQL (?:info|warning): /

/** Each once; of notes that differ in numbers alone the first. */
export function alikeOnce(warnings: readonly string[]): string[] {
  const first = new Map<string, string>()
  for (const warning of warnings) {
    const key = NOTE.test(warning) ? warning.replace(/\d/g, '') : warning
    if (!first.has(key)) first.set(key, warning)
  }
  return [...first.values()]
}
