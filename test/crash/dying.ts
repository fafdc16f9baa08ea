/** Two boundaries of a run at a time, in their order: a third owner may finish a run, a fourth would give it up. */
export const inPairs = <T>(boundaries: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(boundaries.length / 2) }, (_, pair) => boundaries.slice(2 * pair, 2 * pair + 2))

/** Boundaries at which processes die one after another, for `it.each`: as the name of the test says them, and one by one. */
export const named = (deaths: readonly string[][]): [at: string, deaths: string[]][] =>
  deaths.map((one) => [one.join(', then '), one])

/** The same for the boundaries of one run; `in` names them in that run, or in the runs of that agent. */
export const dyingAt = (boundaries: readonly string[]): [at: string, dying: { in(run: string): string[] }][] =>
  named(inPairs(boundaries)).map(([at, deaths]) => [at, { in: (run) => deaths.map((one) => `${run}/${one}`) }])
