/** An issuer that signs any claims, to make tokens no real one would issue. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'

export async function startSigningIssuer(usual: Readonly<Record<string, unknown>>) {
  const { privateKey, publicKey } = await generateKeyPair('RS256')
  const jwk: JWK = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'RS256', use: 'sig' }
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(request.url === '/jwks' ? { keys: [jwk] } : { issuer: url, jwks_uri: `${url}/jwks` }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const claims = () => ({ iss: url, ...usual, exp: Math.floor(Date.now() / 1000) + 300 })
  return {
    url,
    jwk,
    claims,
    sign: (over: object = {}, { by = privateKey, kid = 'one', alg = 'RS256' } = {}): Promise<string> =>
      new SignJWT({ ...claims(), ...over }).setProtectedHeader({ alg, kid }).sign(by),
    close: () => void server.close(),
  }
}

export type SigningIssuer = Awaited<ReturnType<typeof startSigningIssuer>>
