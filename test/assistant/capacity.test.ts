/** Capacity of a service's disks: each file system and claim separately. */
import { describe, expect, it } from 'vitest'
import { assessCapacity, type CapacityContext } from '../../agents/assistant/capacity.ts'
import type { Evidence } from '../../agents/runtime/evidence.ts'
import type { MetricSeries } from '../../agents/tools/tools.ts'
import { DAY_MS } from '../../analysis/capacity/capacity.ts'
import type { DiagnosisCompleted } from '../../schemas/events.generated.ts'
import { diagnosisRequested } from '../events/requests.ts'

const NOW = Date.parse('2026-03-01T12:00:00Z')
const HOURS = 60 * 24
const times = Array.from({ length: HOURS }, (_, hour) => NOW - (HOURS - hour) * 3_600_000)
const disk = (instance: string, at: (day: number) => number, count = HOURS): MetricSeries => ({
  service: 'nas',
  instance,
  indicator: 'disk',
  unit: 'ratio',
  times: times.slice(-count),
  values: times.slice(-count).map((time) => at((time - NOW) / DAY_MS)),
})
const noise = (day: number): number => Math.sin(day * 311) * 0.002

async function assessed(series: readonly MetricSeries[], metric_type = 'disk', warnings: string[] = []) {
  let completed: Partial<DiagnosisCompleted> = {}
  const context = {
    asking: () => Promise.resolve([{ id: 'e1', status: 'ok', tool: 'prometheus', summary: 'metrics of nas', data: { series }, warnings } as unknown as Evidence]), // prettier-ignore
    tell: () => [],
    completed: (result: Partial<DiagnosisCompleted>) => ((completed = result), {}),
  } as unknown as CapacityContext
  const request = diagnosisRequested({ kind: 'capacity', occurred_at: NOW, affected_services: ['nas'], context: { metric_type, forecast_days: '30' } }) // prettier-ignore
  for await (const _ of assessCapacity(request, context));
  const { capacity, missing = [], summary, status } = completed
  return { capacity: capacity ?? [], missing: missing.map(({ en }) => en), said: summary?.['en'] ?? '', status }
}

describe('the capacity of disks', () => {
  const filling = disk('nas /data', (day) => 0.8 + day * 0.01 + noise(day))
  const boot = disk('nas /boot', () => 0.95)
  const image = disk('nas /media', () => 1)

  it('is reported for each, the fullest first, without those that are full by design, which are named', async () => {
    const { capacity, missing, said, status } = await assessed([image, boot, disk('nas /home', () => 0.3), filling])
    expect(capacity.map(({ instance }) => instance)).toEqual(['nas /data', 'nas /boot', 'nas /home'])
    expect(capacity[0]?.days_to_capacity).toBeGreaterThan(17)
    expect(capacity[0]?.days_to_capacity).toBeLessThan(23)
    expect(capacity[0]?.recommendations).toMatchObject([{ type: 'scale_up' }])
    expect(said).toMatch(/^nas \(nas \/data\): disk is increasing .* nas \(nas \/boot\): disk is flat at 95 %, unchanged for 60 days\./) // prettier-ignore
    expect(missing).toEqual(['nas: always full and unchanged, like read-only images, so left out: nas /media'])
    expect(status).toBe('completed')
  })

  it('gives no advice on a constant level, and reports one that grows before it, even without a date', async () => {
    const short = disk('nas /data', (day) => 0.9 + day * 0.3, 24)
    const { capacity } = await assessed([disk('nas /boot', () => 0.95, 24), short])
    expect(capacity.map(({ instance }) => instance)).toEqual(['nas /data', 'nas /boot'])
    expect(capacity[1]?.recommendations).toEqual([])
  })

  it('claims no trend, growth or forecast on a history too short for one, and says how long it is', async () => {
    const idle = disk('nas /data', (day) => 0.1 + day * 0.1, 12)
    const { capacity, said } = await assessed([idle])
    expect(capacity).toMatchObject([{ trend: 'unknown', growth_rate: null, days_to_capacity: null, recommendations: [] }]) // prettier-ignore
    expect(capacity[0]?.chart.filter(({ predicted }) => predicted !== null)).toEqual([])
    expect(capacity[0]?.chart.length).toBeGreaterThan(0)
    expect(said).toMatch(/^nas: disk has only 12 hours of history, too short to tell a trend/)
    const full = await assessed([disk('nas /data', (day) => 0.97 + noise(day), 12)])
    expect(full.capacity[0]?.recommendations).toMatchObject([{ type: 'scale_up', priority: 'immediate', recommended_allocation: 1.4 }]) // prettier-ignore
    expect(JSON.stringify(full.capacity[0]?.recommendations)).toContain('too little history for a forecast')
  })

  it('names a disk that was not measured, with and without others that were', async () => {
    const unseen = ['disk of nas not measured for: /mnt of nas (ext4, read-only, 99 % used)']
    const said = [`prometheus: ${unseen[0]} (metrics of nas)`]
    expect((await assessed([filling], 'disk', unseen)).missing).toEqual(said)
    expect((await assessed([], 'disk', unseen)).missing).toEqual(said)
  })

  it('reports the only one, full or not', async () => {
    const full = await assessed([image])
    expect(full.capacity).toMatchObject([{ instance: null, days_to_capacity: 0 }])
    expect(full.said).toMatch(/^nas: disk is at its limit/)
    expect((await assessed([filling])).said).toMatch(/^nas: disk is increasing/)
  })

  it('differs from memory, for which only the fullest instance is reported', async () => {
    const memory = (instance: string, level: number): MetricSeries => ({ ...disk(instance, () => level), indicator: 'memory_ratio' }) // prettier-ignore
    const { capacity } = await assessed([memory('a', 0.4), memory('b', 0.6)], 'memory')
    expect(capacity).toMatchObject([{ instance: null, percentile_95: 0.6 }])
  })
})
