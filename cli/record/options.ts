export interface RecordOptions {
  service: string[]
  /** ms; default: one hour */
  since?: number
  json?: boolean
}
