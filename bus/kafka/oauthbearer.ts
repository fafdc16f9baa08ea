/**
 * SASL OAUTHBEARER (RFC 7628). The implementation in kafkajs treats the broker's refusal, which arrives as a normal response, as success,
 * and then fails with a misleading error about the request state or a missing broker.
 */
import kafkajs, { type Mechanism } from 'kafkajs'

const SEPARATOR = '\u0001'

export const oauthBearer = (token: () => Promise<string>): Mechanism => ({
  mechanism: 'oauthbearer',
  authenticationProvider: ({ saslAuthenticate }) => ({
    async authenticate() {
      const message = Buffer.from(`n,,${SEPARATOR}auth=Bearer ${await token()}${SEPARATOR}${SEPARATOR}`)
      const refusal = await saslAuthenticate<string>({
        request: { encode: () => framed(message) },
        response: { decode: (answer) => answer.subarray(4), parse: (answer) => answer.toString() },
      })
      if (refusal)
        throw new kafkajs.KafkaJSNonRetriableError(`SASL OAUTHBEARER: the broker refused the token: ${refusal}`)
    },
  }),
})

/** Prefixes a four-byte length, as kafkajs expects. */
function framed(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}
