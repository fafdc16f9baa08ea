/** What can run as a process of its own. */
export const PARTS = ['gateway', 'assistant', 'executor', 'control-plane'] as const
export type Part = (typeof PARTS)[number]
