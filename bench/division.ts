/** The side of each public set: whether choices may be made while looking at it (`bench/division.yaml`). */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

export type Side = 'looked_at' | 'left_out'

export interface Divided {
  /** kind of evidence */
  kind: string
  side: Side | 'halved'
  /** what was chosen while looking at it before the division */
  before: string
}

export const division = (
  parse(readFileSync(join(import.meta.dirname, 'division.yaml'), 'utf8')) as {
    sets: Readonly<Record<string, Divided>>
  }
).sets

/** `series`: the name of one series, for a set that is halved: by its hash, so that a side does not depend on which other series are there. Throws RangeError for a set that was not divided. */
export function sideOf(set: string, series = ''): Side {
  const divided = division[set]
  if (divided === undefined) throw new RangeError(`bench/division.yaml does not say on which side ${set} is`)
  if (divided.side !== 'halved') return divided.side
  return createHash('sha256').update(series).digest()[0]! % 2 === 0 ? 'looked_at' : 'left_out'
}
