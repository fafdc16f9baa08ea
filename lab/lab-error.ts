export type LabErrorCode =
  'unknown_service' | 'unknown_release' | 'not_ready' | 'not_scalable' | 'no_script' | 'script_failed' | 'closed'

export class LabError extends Error {
  override readonly name = 'LabError'
  readonly code: LabErrorCode
  constructor(code: LabErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
