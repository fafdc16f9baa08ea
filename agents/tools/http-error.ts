export interface HttpErrorOptions extends ErrorOptions {
  /** ms the server asked to wait */
  retryAfterMs?: number | null
  /** no answer in time, or the connection broke before it came */
  timedOut?: boolean
  /** the answer exceeded the size limit */
  tooLarge?: boolean
}

/** The upstream's error text, redacted and cut. `status` 0: there was no answer, or it was not accepted. */
export class HttpError extends Error {
  override readonly name = 'HttpError'
  readonly status: number
  readonly retryAfterMs: number | null
  /** a retry may succeed */
  readonly retryable: boolean
  /** a smaller query may succeed */
  readonly tooLarge: boolean
  constructor(status: number, message: string, options: HttpErrorOptions = {}) {
    super(message, options)
    this.status = status
    this.retryAfterMs = options.retryAfterMs ?? null
    this.retryable = options.timedOut === true || status === 429 || status >= 500
    this.tooLarge = options.tooLarge === true
  }
}
