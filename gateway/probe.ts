import { Agent, request } from 'undici'

const LIMIT_MS = 2000

/**
 * Whether a source responds: any response but a 5xx within 2 s. It sends no credentials, not even those in the URL, so 401 counts as up. `ca`: PEM of
 * the CA to trust.
 */
export function httpProbe(address: string, ca?: string): () => Promise<boolean> {
  const url = new URL(address)
  url.username = ''
  url.password = ''
  const dispatcher = new Agent({ connect: { timeout: LIMIT_MS, ...(ca === undefined ? {} : { ca }) } })
  return async () => {
    const { statusCode, body } = await request(url, { dispatcher, signal: AbortSignal.timeout(LIMIT_MS) })
    await body.dump()
    return statusCode < 500
  }
}
