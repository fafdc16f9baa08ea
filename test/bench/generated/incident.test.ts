import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { families } from '../../../bench/generated/families.ts'
import { incidentOf } from '../../../bench/generated/incident.ts'
import { writeIncident } from '../../../bench/generated/write.ts'
import { readRecording } from '../../../recording/read.ts'

const SIDES = ['looked_at', 'left_out'] as const
const some = SIDES.flatMap((side) => Array.from({ length: 16 }, (_, seed) => incidentOf(side, seed)))

describe('generated incidents', () => {
  it('follow from the seed alone', () => {
    expect(incidentOf('looked_at', 2)).toEqual(incidentOf('looked_at', 2))
    expect(incidentOf('looked_at', 2).observations.series).not.toEqual(incidentOf('looked_at', 6).observations.series)
  })

  it('come from families whose shapes and names are on one side only', () => {
    const of = (side: string, what: (family: (typeof families)[number]) => unknown): Set<unknown> => new Set(families.filter((one) => one.side === side).map(what)) // prettier-ignore
    for (const what of [
      ({ shape }: (typeof families)[number]) => shape,
      ({ custom }: (typeof families)[number]) => custom,
    ])
      // prettier-ignore
      expect([...of('looked_at', what)].filter((one) => of('left_out', what).has(one))).toEqual([])
  })

  it('name a service that was observed, and a change of it that came before the onset', () => {
    for (const { truth, guilty, observations } of some) {
      if (truth !== null) expect(observations.series.some(({ service }) => service === truth) || observations.edges.some(({ to }) => to === truth), truth).toBe(true) // prettier-ignore
      if (guilty === null) continue
      expect(observations.changes.find(({ id }) => id === guilty)?.service).toBe(truth)
      expect(observations.changes.find(({ id }) => id === guilty)!.timestamp).toBeLessThan(observations.window.end)
    }
  })

  it('are quiet, surging, guilty of a change, and none of these', () => {
    expect(new Set(some.map(({ truth, guilty }) => `${truth !== null} ${guilty !== null}`)).size).toBe(3)
    expect(some.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['quiet', 'surge']))
    for (const { guilty, truth } of some) if (truth === null) expect(guilty).toBeNull()
  })

  it('can be written as a recording and read back', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'generated-'))
    const one = some.find(({ observations }) => observations.spans.length > 0 && observations.alert !== undefined)!
    const { observations, warnings } = await readRecording(writeIncident(dir, one))
    rmSync(dir, { recursive: true })
    expect(warnings).toEqual([])
    expect(observations.window).toEqual(one.observations.window)
    expect(observations.changes.map(({ id }) => id)).toEqual(one.observations.changes.map(({ id }) => id))
    const counts = ({ series, logs, spans, edges }: typeof one.observations) => [series.length, logs.length, spans.length, edges.length] // prettier-ignore
    expect(counts(observations)).toEqual(counts(one.observations))
  })
})
