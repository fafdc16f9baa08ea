export const LAB_ERROR_CODES = [
  'unknown_service',
  'unknown_release',
  'not_ready',
  'not_scalable',
  'no_script',
  'script_failed',
  'unknown_fault',
  'fault_on',
  'fault_off',
  'closed',
  'unreachable',
] as const
export type LabErrorCode = (typeof LAB_ERROR_CODES)[number]

export class LabError extends Error {
  override readonly name = 'LabError'
  readonly code: LabErrorCode
  constructor(code: LabErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
