/** What runs for long keeps secrets: whatever it writes, and whatever the processes it starts write, is for its owner alone. */
export const forItsOwnerAlone = (): void => void process.umask(0o077)
