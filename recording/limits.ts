/**
 * Limits on input files: far above any real recording (10,000 series over a day at 15-second intervals are 58 million rows), and
 * below what would crash the process. Documented in docs/reference/recording.md.
 */
export interface FileLimits {
  /** bytes of a line */
  lineBytes: number
  /** lines of a file, empty ones included */
  lines: number
  /** bytes of a file, decompressed */
  bytes: number
  /** bytes of a document of JSON */
  documentBytes: number
  /** decompressed bytes per compressed byte, beyond the first `packedFree`: logs and samples compress to a tenth or a fiftieth */
  packedRatio: number
  packedFree: number
}

const MIB = 1024 * 1024

export const FILE_LIMITS: FileLimits = {
  lineBytes: 16 * MIB,
  lines: 200_000_000,
  bytes: 64 * 1024 * MIB,
  documentBytes: 64 * MIB,
  packedRatio: 200,
  packedFree: 64 * MIB,
}

/** Rows and series that are kept, one number for time and one for value each. */
export const MOST_SAMPLES = 100_000_000
export const MOST_SERIES = 500_000
