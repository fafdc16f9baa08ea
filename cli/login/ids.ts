/** Ids as typed by people: full, or the last characters as shown on the terminal. */
import { InvalidArgumentError } from 'commander'
import { z } from 'zod'
import { asking } from '../texts.ts'
import { CommandError } from './context.ts'

const PART = /^[0-9a-f]{6,12}$/i

/** Whether it can be the id of a session, or its end. */
export const isIdOrPart = (text: string): boolean => PART.test(text) || z.uuid().safeParse(text).success

/** Rejects text that cannot be an id before any request is made. */
export const idFrom = (list: string) => (text: string) => {
  if (isIdOrPart(text)) return text
  throw new InvalidArgumentError(`${list} lists the ids; the last six characters are enough`)
}

/** The full id among the newest ones that ends or starts with `text`. Throws if there is none or more than one. */
export async function wholeId(text: string, newest: () => Promise<readonly string[]>): Promise<string> {
  const found = await findId(text, newest)
  if (found === null) throw new CommandError(asking.noneEndsSo(text))
  return found
}

/** The same; null: there is none. */
export async function findId(text: string, newest: () => Promise<readonly string[]>): Promise<string | null> {
  if (!PART.test(text)) return text
  const part = text.toLowerCase()
  const [found, ...others] = (await newest()).filter((id) => id.endsWith(part) || id.startsWith(part))
  if (found !== undefined && others.length > 0) throw new CommandError(asking.severalEndSo(text, [found, ...others]))
  return found ?? null
}
