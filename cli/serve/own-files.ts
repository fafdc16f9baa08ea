/** Makes all files written by this process and its children private to the owner, because components hold secrets. */
export const forItsOwnerAlone = (): void => void process.umask(0o077)
