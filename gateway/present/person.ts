/** A person's name without the issuer, which all users of a platform share. */
export const personIn = (id: string): string => id.slice(id.lastIndexOf('|') + 1)
