/**
 * SASL OAUTHBEARER (RFC 7628). The client's own takes the broker's refusal, which comes as an answer, for success, and is then told of a
 * request in the wrong state, or of no broker at all.
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
        throw new kafkajs.KafkaJSNonRetriableError(`SASL OAUTHBEARER: the broker refuses the token: ${refusal}`)
    },
  }),
})

/** As the client passes bytes on and back: their number first, in four of them. */
function framed(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}
