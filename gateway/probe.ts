import { Agent, request } from 'undici'

const LIMIT_MS = 2000

/**
 * Whether a source answers at all: any answer but a server error within 2 s. What it may be asked is another question, so no credential is
 * sent, not even one that stands in the URL. `ca`: PEM of the authority it is trusted by.
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
