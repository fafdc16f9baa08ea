/** Simulated days of the lab, diagnosed from their recording with all sources and with one unreachable. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answer } from '../../agents/tools/answer.ts'
import { recordedControlPlane } from '../../agents/tools/recording/control-plane.ts'
import { recordedLogs } from '../../agents/tools/recording/logs.ts'
import { recordedMetrics } from '../../agents/tools/recording/metrics.ts'
import { finishedRecording } from '../../agents/tools/recording/source.ts'
import type { Tools } from '../../agents/tools/tools.ts'
import { ASKED, labDayOf, replayed } from '../../bench/outages/lab-days.ts'
import { recordReplay } from '../../lab/replay/record.ts'
import { openInvestigations, requestAt } from './investigating.ts'

type Source = keyof Pick<Tools, 'metrics' | 'logs' | 'controlPlane'>

const SOURCES: readonly Source[] = ['metrics', 'logs', 'controlPlane']
const TOOL = { metrics: 'prometheus', logs: 'loki', controlPlane: 'control-plane' } as const

/** Every query to this tool fails, as if its server were unreachable. */
const away = <T extends object>(tool: T, name: string): T =>
  new Proxy(tool, {
    get: (_, operation) => () =>
      answer({ tool: name, operation: named(String(operation)), query: '', range: null }, () => {
        throw new Error('connection refused')
      }),
  })

/** goldenSignals → golden-signals */
const named = (operation: string): string => operation.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

describe('diagnosing a day of the lab', () => {
  let investigations: Awaited<ReturnType<typeof openInvestigations>>
  const dir = mkdtempSync(join(tmpdir(), 'lab-days-'))
  beforeAll(async () => {
    investigations = await openInvestigations('lab_days')
  }, 180_000)
  afterAll(async () => {
    await investigations?.close()
    rmSync(dir, { recursive: true })
  })

  let count = 0
  async function dayOf(kind: string, seed: number) {
    const day = labDayOf(kind, seed)
    const at = join(dir, `${(count += 1)}`)
    await recordReplay(at, await replayed(day, seed), { start: day.now - 3_600_000, end: day.now })
    const source = finishedRecording(at)
    const tools = { metrics: recordedMetrics(source), logs: recordedLogs(source), controlPlane: recordedControlPlane(source) } // prettier-ignore
    const ask = async (gone?: Source) => {
      const id = `e${(count += 1)}`
      const request = requestAt(day.now, { event_id: id, service: ASKED, window_start: day.now - day.since * 1000 })
      const asked = gone === undefined ? tools : { ...tools, [gone]: away(tools[gone], TOOL[gone]) }
      return (await investigations.ask(request, asked, { id: `assistant/${id}` })).completed
    }
    return { day, ask }
  }

  it.each(['nothing happens', 'recovered before the window'])(
    'on which %s, an all-clear is given only with all sources',
    async (kind) => {
      const { ask } = await dayOf(kind, 11)
      expect(await ask()).toMatchObject({ status: 'completed', verdict: 'nothing_wrong' })
      for (const gone of SOURCES) {
        const { verdict, status, summary, confidence } = await ask(gone)
        expect({ gone, verdict, status }).toEqual({ gone, verdict: 'inconclusive', status: 'partial' })
        expect(summary['en']).toContain(TOOL[gone])
        expect(confidence).toBeLessThan(0.5)
      }
    },
    180_000,
  )

  it.each(['an outage goes on', 'the same again within the hour', 'another within the hour'])(
    'on which %s, no missing source leads to an all-clear, and the others still find the cause',
    async (kind) => {
      for (const seed of [2, 3]) {
        const { day, ask } = await dayOf(kind, seed)
        const [whole, ...less] = [await ask(), await ask('metrics'), await ask('logs'), await ask('controlPlane')]
        expect([whole.verdict, whole.phase, whole.root_causes[0]?.service]).toEqual(['incident', 'going_on', day.truth])
        for (const { verdict } of less) expect(verdict).not.toBe('nothing_wrong')
        expect(less[1]?.root_causes[0]?.service).toBe(day.truth)
      }
    },
    180_000,
  )
})
