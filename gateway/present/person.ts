import type { Proposer } from '../../schemas/events.generated.ts'
import type { Language } from './language.ts'
import { both } from './texts.ts'
import { clauses, noted } from './words.ts'

/** A person as people call them: by name where it is known, else by the id without the issuer, which all users of a platform share. */
export const personIn = (id: string, names: Readonly<Record<string, string>> = {}): string =>
  names[id] ?? id.slice(id.lastIndexOf('|') + 1)

const BY_ASSISTANT = both('by an assistant', '透過助理')

/** `alice (team_manager, by an assistant)`; a program by its client, as its id means nothing to people. */
export function proposerIn(
  { id, role, client, via }: Proposer,
  language: Language,
  names: Readonly<Record<string, string>> = {},
): string {
  const who = role === 'machine' ? client : personIn(id, names)
  return noted(language, who, clauses(language, [role, ...(via === 'mcp' ? [BY_ASSISTANT[language]] : [])]))
}
