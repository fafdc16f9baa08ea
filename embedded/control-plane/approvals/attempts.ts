/**
 * Unfinished sign-ins. Anyone can begin one, so nothing is stored here: each browser holds its own in a cookie, encrypted with a key that only this process
 * has. However many begin, none displaces another.
 */
import { randomBytes } from 'node:crypto'
import { EncryptJWT, jwtDecrypt } from 'jose'
import { z } from 'zod'

const attempt = z.object({ verifier: z.string(), state: z.string(), redirectUri: z.string() })
export type OpenAttempt = z.infer<typeof attempt>

const attemptMs = 600_000

export function createAttempts(clock: () => number) {
  const key = randomBytes(32)
  return {
    seal: (open: OpenAttempt): Promise<string> =>
      new EncryptJWT({ ...open })
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
        .setExpirationTime(new Date(clock() + attemptMs))
        .encrypt(key),
    /** null: not sealed here, or expired */
    open: async (sealed: string): Promise<OpenAttempt | null> => {
      const options = { currentDate: new Date(clock()), requiredClaims: ['exp'] }
      const opened = await jwtDecrypt(sealed, key, options).catch(() => null)
      return opened === null ? null : attempt.parse(opened.payload)
    },
  }
}
