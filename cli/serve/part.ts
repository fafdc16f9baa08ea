/** What can run as a process of its own. */
export const PARTS = ['gateway', 'assistant', 'executor'] as const
export type Part = (typeof PARTS)[number]
