/** Ids as people have them: whole, or the end of one, which is what a terminal shows. */
import { InvalidArgumentError } from 'commander'
import { z } from 'zod'
import { asking } from '../texts.ts'
import { CommandError } from './context.ts'

const PART = /^[0-9a-f]{6,12}$/i

/** A text that can be neither is a mistake of the hand, and is told before anybody is asked. */
export const idFrom = (list: string) => (text: string) => {
  if (PART.test(text) || z.uuid().safeParse(text).success) return text
  throw new InvalidArgumentError(`${list} lists the ids there are; the last six characters of one are enough`)
}

/** The one of the newest that ends, or begins, so. Throws where there is none, or more than one. */
export async function wholeId(text: string, newest: () => Promise<readonly string[]>): Promise<string> {
  if (!PART.test(text)) return text
  const part = text.toLowerCase()
  const [found, ...others] = (await newest()).filter((id) => id.endsWith(part) || id.startsWith(part))
  if (found === undefined) throw new CommandError(asking.noneEndsSo(text))
  if (others.length > 0) throw new CommandError(asking.severalEndSo(text, [found, ...others]))
  return found
}
