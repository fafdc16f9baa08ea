/** Bytes of many values as one parameter, and where each lies: `substr(bytes, start, length)`, null where there is none. */
export interface Joined {
  bytes: Buffer
  /** counted from 1 */
  starts: number[]
  lengths: (number | null)[]
}

/** PostgreSQL takes bytes as they are, but an array of them only as hexadecimal text, and text in JSON only with its escapes. */
export function joined(values: readonly (Buffer | string | null)[]): Joined {
  const parts = values.map((value) => (typeof value === 'string' ? Buffer.from(value) : value))
  let start = 1
  const starts = parts.map((part) => {
    const here = start
    start += part?.length ?? 0
    return here
  })
  return {
    bytes: Buffer.concat(parts.filter((part) => part !== null)),
    starts,
    lengths: parts.map((part) => part?.length ?? null),
  }
}
