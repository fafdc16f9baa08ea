/** Rough size in memory, in bytes, of plain JSON data. */
export function weightOf(value: unknown): number {
  if (typeof value === 'string') return OBJECT + value.length
  if (typeof value !== 'object' || value === null) return NUMBER
  // samples, by the thousand
  if (Array.isArray(value) && typeof value[0] === 'number') return OBJECT + NUMBER * value.length
  return Object.values(value).reduce((sum: number, one) => sum + weightOf(one), OBJECT)
}

const OBJECT = 24
const NUMBER = 8
