/** Systems whose changes can be recorded. */
export const SOURCES = ['kubernetes', 'github', 'webhook'] as const
export type SourceName = (typeof SOURCES)[number]
