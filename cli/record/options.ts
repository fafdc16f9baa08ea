export interface RecordOptions {
  /** absent: all */
  service?: string[]
  /** ms; default: one hour */
  since?: number
  /** false: also the services around those named */
  only?: boolean
  json?: boolean
}
