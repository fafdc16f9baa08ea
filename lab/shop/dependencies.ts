/** Calls between services: an address from the supervisor, a time limit, and a failure that says whose it is. */
export interface CallOptions {
  method?: 'GET' | 'POST' | 'DELETE'
  body?: unknown
  timeoutMs: number
  /** W3C traceparent */
  trace?: string | undefined
}

export type Call = (service: string, path: string, options: CallOptions) => Promise<unknown>

/** A dependency did not answer as it should; `answer` is the status the caller gives to its own caller. */
export class DependencyError extends Error {
  override readonly name = 'DependencyError'
  readonly answer: 502 | 504
  constructor(answer: 502 | 504, message: string, options?: ErrorOptions) {
    super(message, options)
    this.answer = answer
  }
}

/** One request to another service. Throws: an error named `TimeoutError` where no answer came in time, another where nobody is there. */
export type Send = (service: string, path: string, options: CallOptions) => Promise<{ status: number; body: unknown }>

/** `address` is asked for every call: after a deployment it is another one. */
export const createCall = (address: (service: string) => string | undefined): Call => callOver(overHttp(address))

export const callOver =
  (send: Send): Call =>
  async (service, path, options) => {
    const { status, body } = await send(service, path, options).catch((error: unknown) => {
      if (error instanceof DependencyError) throw error
      if (error instanceof Error && error.name === 'TimeoutError')
        throw new DependencyError(504, `${service} did not answer within ${options.timeoutMs} ms`)
      throw new DependencyError(502, `${service} could not be reached`, { cause: error })
    })
    if (status >= 300) throw new DependencyError(502, `${service} answered ${status}`)
    return body
  }

const overHttp =
  (address: (service: string) => string | undefined): Send =>
  async (service, path, { method = 'GET', body, timeoutMs, trace }) => {
    const base = address(service)
    if (base === undefined) throw new DependencyError(502, `${service} has no address`)
    const response = await fetch(`${base}${path}`, {
      method,
      signal: AbortSignal.timeout(timeoutMs),
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(trace === undefined ? {} : { traceparent: trace }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: response.status, body: await response.json() }
  }
