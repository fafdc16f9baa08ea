/** Components that can run as separate processes. */
export const PARTS = ['gateway', 'assistant', 'executor', 'control-plane'] as const
export type Part = (typeof PARTS)[number]
