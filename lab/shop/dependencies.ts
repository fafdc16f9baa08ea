/** Calls between services: an address from the supervisor, a timeout, and an error that names the dependency. */
export interface CallOptions {
  method?: 'GET' | 'POST' | 'DELETE'
  body?: unknown
  timeoutMs: number
  /** W3C traceparent */
  trace?: string | undefined
}

export type Call = (service: string, path: string, options: CallOptions) => Promise<unknown>

/** A dependency failed; `answer` is the status to return to one's own caller. */
export class DependencyError extends Error {
  override readonly name = 'DependencyError'
  readonly answer: 502 | 504
  constructor(answer: 502 | 504, message: string, options?: ErrorOptions) {
    super(message, options)
    this.answer = answer
  }
}

/** One request to another service. Throws an error named `TimeoutError` if no response came in time, another one if the service is unreachable. */
export type Send = (service: string, path: string, options: CallOptions) => Promise<{ status: number; body: unknown }>

/** `address` is called for every request, because a deployment changes it. */
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
