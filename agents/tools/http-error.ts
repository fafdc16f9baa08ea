export interface HttpErrorOptions extends ErrorOptions {
  /** ms the server asked to wait */
  retryAfterMs?: number | null
  /** no answer in time, or the connection broke while waiting for it */
  timedOut?: boolean
  /** there was an answer, of more bytes than are taken */
  tooLarge?: boolean
}

/** The upstream's own words, bounded and without secrets. `status` 0: there was no answer, or one that may not be taken. */
export class HttpError extends Error {
  override readonly name = 'HttpError'
  readonly status: number
  readonly retryAfterMs: number | null
  /** asking again may help */
  readonly retryable: boolean
  /** asking for less may help */
  readonly tooLarge: boolean
  constructor(status: number, message: string, options: HttpErrorOptions = {}) {
    super(message, options)
    this.status = status
    this.retryAfterMs = options.retryAfterMs ?? null
    this.retryable = options.timedOut === true || status === 429 || status >= 500
    this.tooLarge = options.tooLarge === true
  }
}
