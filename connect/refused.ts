/** Why a body is not recorded. The sender must change it before sending it again. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly status: 400 | 413 | 415 | 422
  readonly code: 'INVALID_REQUEST' | 'VALIDATION_ERROR'
  constructor(status: Refused['status'], message: string) {
    super(message)
    this.status = status
    this.code = status === 422 ? 'VALIDATION_ERROR' : 'INVALID_REQUEST'
  }
}
