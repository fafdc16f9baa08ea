export interface FaultOptions {
  /** ms */
  for?: number
  off?: boolean
  json?: boolean
}
