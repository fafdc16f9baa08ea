import { createHash, timingSafeEqual } from 'node:crypto'

/** Whether the right secret was given. Compares digests in constant time, so that the time taken reveals neither content nor length. */
export const isSameSecret = (given: string, right: string): boolean => timingSafeEqual(digest(given), digest(right))

/** Whether the Authorization header is `Bearer <token>`. */
export function isBearer(header: unknown, token: string): boolean {
  const given = /^Bearer +(\S.*)$/i.exec(typeof header === 'string' ? header : '')?.[1]
  return given !== undefined && isSameSecret(given, token)
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
