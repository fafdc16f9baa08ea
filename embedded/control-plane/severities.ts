/** From the worst. */
export const SEVERITIES = ['P0', 'P1', 'P2', 'P3'] as const
export type Severity = (typeof SEVERITIES)[number]

/** Those at least as bad as `least`; null: none. */
export const severitiesFrom = (least: Severity | null): readonly Severity[] =>
  least === null ? [] : SEVERITIES.slice(0, SEVERITIES.indexOf(least) + 1)
