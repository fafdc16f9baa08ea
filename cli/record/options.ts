export interface RecordOptions {
  service: string[]
  /** ms; absent: an hour */
  since?: number
  json?: boolean
}
