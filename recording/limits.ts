/**
 * Limits on input files: far above any real recording (10,000 series over a day at 15-second intervals are 58 million rows), and
 * below what would crash the process. Documented in docs/reference/recording.md.
 */
export interface FileLimits {
  /** bytes per line */
  lineBytes: number
  /** lines per file, including empty ones */
  lines: number
  /** decompressed bytes per file */
  bytes: number
  /** bytes per JSON document */
  documentBytes: number
  /** maximum compression ratio beyond the first `packedFree` bytes; logs and samples typically have 10 to 50 */
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

/** Maximum number of samples and series in memory. */
export const MOST_SAMPLES = 100_000_000
export const MOST_SERIES = 500_000
