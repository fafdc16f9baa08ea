/** Annotations (`PromQL info: …`) contain the query position and numbers, so each query words the same note differently. */
const NOTE = /^PromQL (?:info|warning): /

/** Removes duplicates; of notes that differ only in numbers, keeps the first. */
export function alikeOnce(warnings: readonly string[]): string[] {
  const first = new Map<string, string>()
  for (const warning of warnings) {
    const key = NOTE.test(warning) ? warning.replace(/\d/g, '') : warning
    if (!first.has(key)) first.set(key, warning)
  }
  return [...first.values()]
}
