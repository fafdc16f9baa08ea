/** A person as people call them: by name where it is known, else by the id without the issuer, which all users of a platform share. */
export const personIn = (id: string, names: Readonly<Record<string, string>> = {}): string =>
  names[id] ?? id.slice(id.lastIndexOf('|') + 1)
