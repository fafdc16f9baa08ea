/** The alert of a recording, and the control-plane documents. */
import { basename } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readRecording } from '../../recording/read.ts'
import { folder, recording } from './recording-dir.ts'

const at = (second: number) => `2026-03-01T10:00:0${second}Z`

describe('the alert of a recording', () => {
  it('knows from the labels of an alert when it fired, and takes no other instant for it', async () => {
    const alert = (labels: object) => ({
      id: 'one',
      window: { start: at(0), end: at(9) },
      alert: { summary: 'slow', labels },
    })
    const since = async (labels: object) => {
      const dir = await folder({ 'incident.json': JSON.stringify(alert(labels)) })
      return (await readRecording(dir)).observations.alert?.since
    }
    expect(await since({ startsAt: at(4), fired_at: at(6), deployed_at: at(1) })).toBe(Date.parse(at(4)))
    expect(await since({ deployed_at: at(1), since: 'yesterday' })).toBeUndefined()
  })

  it('learns from other alerts and incidents what was over by its end, and what is still firing', async () => {
    const about = (id: string, service_name: string, started_at: string, more: object = {}) => ({ id, service_name, name: 'Slow', summary: `${id} is slow`, status: 'resolved', labels: {}, started_at, ...more }) // prettier-ignore
    const documents = {
      'alerts.json': [
        about('a', 'cart', at(2), { resolved_at: at(4) }),
        about('b', 'cart', at(6), { status: 'firing', resolved_at: null }),
        about('c', 'elsewhere', at(2), { resolved_at: at(4) }),
        about('d', 'cart', at(2), { resolved_at: '2026-03-01T11:00:00Z' }),
      ],
      'incidents.json': [about('INC-7', 'cart', at(1), { resolved_at: at(5) }), about('INC-8', 'cart', at(1))],
      'incident.json': { id: 'one', window: { start: at(0), end: at(9) } },
      'changes.json': [
        { id: 'x', timestamp: at(3), event_type: 'DEPLOYMENT', author: 'https://issuer|sre-executor', service_name: 'cart' },
        { id: 'y', timestamp: at(3), event_type: 'DEPLOYMENT', author: 'ann', service_name: 'cart' },
      ],
    } // prettier-ignore
    const texts = Object.fromEntries(Object.entries(documents).map(([name, one]) => [name, JSON.stringify(one)]))
    const metrics = `timestamp,service,instance,indicator,unit,value\n${at(1)},cart,,cpu,cores,1\n`
    const { observations } = await readRecording(await folder({ ...texts, 'metrics.csv': metrics }))
    const minute = 60_000
    expect(observations.disturbed).toEqual([
      { start: Date.parse(at(1)) - minute, seen: Date.parse(at(1)), end: Date.parse(at(5)), service: 'cart',
source: { en: 'incident INC-7', zh: '事故 INC-7' } },
      { start: Date.parse(at(2)) - minute, seen: Date.parse(at(2)), end: Date.parse(at(4)), service: 'cart',
source: { en: 'alert Slow on cart', zh: 'cart 的告警 Slow' } },
    ]) // prettier-ignore
    expect(observations.firing?.map(({ summary, since }) => [summary, since])).toEqual([
      ['b is slow', Date.parse(at(6))],
      ['d is slow', Date.parse(at(2))],
    ])
    expect(observations.changes.map(({ id, byPlatform }) => [id, byPlatform])).toEqual([['x', true], ['y', undefined]]) // prettier-ignore
  })

  it('takes when an alert fired from beside its labels too, as every payload of Alertmanager has it', async () => {
    const alertOf = async (alert: object) => {
      const incident = { id: 'one', window: { start: at(0), end: at(9) }, alert }
      return (await readRecording(await folder({ 'incident.json': JSON.stringify(incident) }))).observations.alert
    }
    const never = '0001-01-01T00:00:00Z'
    for (const name of ['startsAt', 'starts_at', 'activeAt'])
      expect(await alertOf({ summary: 'slow', [name]: at(4), endsAt: never })).toMatchObject({
        since: Date.parse(at(4)),
      })
    const labels = { alertname: 'HighErrorRate', service: 'cart', severity: 'critical' }
    const item = { status: 'firing', labels, annotations: { summary: 'errors' }, startsAt: at(5), endsAt: never }
    expect(await alertOf(item)).toEqual({ summary: 'errors', service: 'cart', severity: 'critical', labels, since: Date.parse(at(5)) }) // prettier-ignore
    expect(await alertOf({ labels, startsAt: never })).toEqual({ summary: 'HighErrorRate', service: 'cart', severity: 'critical', labels }) // prettier-ignore
    expect(await alertOf({ labels: { startsAt: never }, startsAt: at(5) })).toMatchObject({ since: Date.parse(at(5)) })
  })

  it('knows from its status and its end whether an alert still fired when the window ended', async () => {
    const [start, end, later] = [at(0), at(9), '2026-03-01T11:00:00Z']
    const isOver = async (alert: object) => {
      const incident = { id: 'one', window: { start, end }, alert: { summary: 'slow', startsAt: at(1), ...alert } }
      const dir = await folder({ 'incident.json': JSON.stringify(incident) })
      return (await readRecording(dir)).observations.alert?.resolved === true
    }
    const never = '0001-01-01T00:00:00Z'
    const fires = [{}, { endsAt: never }, { status: 'firing', endsAt: never }, { endsAt: later }, { status: { state: 'suppressed' }, endsAt: later }, { state: 'firing' }, { status: 'firing', endsAt: at(4) }, { status: 'resolved', endsAt: later }, { labels: { status: 'resolved' } }] // prettier-ignore
    for (const alert of fires) expect(await isOver(alert), JSON.stringify(alert)).toBe(false)
    const over = [{ endsAt: at(4) }, { status: 'resolved', endsAt: at(4) }, { status: 'resolved' }, { status: 'Resolved', endsAt: never }, { ends_at: at(9) }, { state: 'inactive' }] // prettier-ignore
    for (const alert of over) expect(await isOver(alert), JSON.stringify(alert)).toBe(true)
  })
})

describe('the documents of a recording', () => {
  it('reports the position of a wrong value, or of the object in which one is missing', async () => {
    const incident = JSON.stringify({ id: 'one', window: { start: at(0), end: at(1) } })
    const item = `{"id":"c1","timestamp":"${at(0)}","event_type":"SCALE"}`
    const page = `{"items":[\n${item},\n {"id":"c2","timestamp":"2026-02-30T00:00:00Z","event_type":"SCALE"}]}`
    const paged = await folder({ 'incident.json': incident, 'changes.json': page })
    const strict = { strict: true }
    await expect(readRecording(paged, strict)).rejects.toThrow(/changes\.json:3:25: items\.1\.timestamp: must be/)
    const list = await folder({ 'incident.json': incident, 'changes.json': `[${item},\n\n{"id":"c2"}]` })
    await expect(readRecording(list, strict)).rejects.toThrow(/changes\.json:3:1: 1\.timestamp: /)
    const graph = '{"edges":[{"from":"a","to":"b"},\n{"from":"a","to":7}]}'
    const wrong = await folder({ 'incident.json': incident, 'graph.json': graph })
    await expect(readRecording(wrong, strict)).rejects.toThrow(/graph\.json:2:18: edges\.1\.to: /)
  })

  it('skips unreadable items of a document, and reports the first per document', async () => {
    const [good, bad] = [{ id: 'c1', timestamp: at(0), event_type: 'SCALE' }, { timestamp: at(0) }]
    const files = {
      'changes.json': JSON.stringify([bad, good, 7, null]),
      'graph.json': JSON.stringify({ edges: [{ from: 'a' }, { from: 'a', to: 'b' }] }),
      'alerts.json': JSON.stringify({ items: [{ id: 'a' }, 'page'], pagination: {} }),
      'incidents.json': JSON.stringify([bad]),
      'deployments.json': JSON.stringify([{ id: 1 }, bad]),
    }
    const { observations, documents, warnings } = await readRecording(await recording(files))
    expect(observations.edges).toEqual([{ from: 'a', to: 'b' }])
    expect(observations.changes).toMatchObject([{ id: 'c1' }])
    expect(documents).toMatchObject({ alerts: [{ id: 'a' }], incidents: [], deployments: [{ id: '1' }] })
    const told = Object.fromEntries(warnings.map(({ place, count, unreadOf }) => [basename(place.file), `${count}/${unreadOf}`])) // prettier-ignore
    expect(told).toEqual({ 'changes.json': '3/4', 'graph.json': '1/2', 'alerts.json': '1/2', 'incidents.json': '1/1', 'deployments.json': '1/2' }) // prettier-ignore
    for (const [name, text] of Object.entries(files))
      await expect(readRecording(await recording({ [name]: text }), { strict: true })).rejects.toThrow(name)
    await expect(readRecording(await recording({ 'changes.json': '{"items":7}' }))).rejects.toThrow(/changes\.json:1:10: items: Invalid input: expected array/) // prettier-ignore
  })
})
