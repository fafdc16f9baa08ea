/** Long-running parts hold secrets: all files they and their child processes write are private to the owner. */
export const forItsOwnerAlone = (): void => void process.umask(0o077)
