/** Many values concatenated into one SQL parameter; each is `substr(bytes, start, length)`, or null. */
export interface Joined {
  bytes: Buffer
  /** 1-based */
  starts: number[]
  lengths: (number | null)[]
}

/** A single `bytea` parameter is sent in binary; an array of them would be sent as hexadecimal text, and JSON with escapes. */
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
