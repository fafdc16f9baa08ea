import { z } from 'zod'
import { Refused } from './refused.ts'

const MOST = 20

/** Throws `Refused` with the name of each wrong field, and never with its value. */
export const parsedBody = <T>(schema: z.ZodType<T>, bytes: Buffer): T => parsedValue(schema, jsonOf(bytes))

export function parsedValue<T>(schema: z.ZodType<T>, value: unknown, nameOf = (path: string): string => path): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const wrong = result.error.issues
    .slice(0, MOST)
    .map(({ path, message }) => `${nameOf(path.map(String).join('.')) || 'the body'}: ${message}`)
  throw new Refused(422, wrong.join('; '))
}

export function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw new Refused(400, 'the body is not JSON in UTF-8')
  }
}
