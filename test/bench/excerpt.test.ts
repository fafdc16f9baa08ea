/** The command that cuts a recording from a public system's data, on synthetic data in that format. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readRecording } from '../../recording/read.ts'
import { runProgram } from '../cli/run-sre.ts'
import { TRAIN_TICKET_DAY, writeTrainTicket } from './small-data/nezha.ts'

const dir = mkdtempSync(join(tmpdir(), 'sre-excerpt-'))
const [data, out] = [join(dir, 'data'), join(dir, 'ticket-01')]
const at = (time: string): string => `${TRAIN_TICKET_DAY}T${time}:00Z`
beforeAll(() => writeTrainTicket(data))
afterAll(() => rmSync(dir, { recursive: true }))

it('says which arguments it needs', async () => {
  const ran = await runProgram(['bench/excerpt-train-ticket.ts', data, out])
  expect(ran.code).toBe(2)
  expect(ran.err).toContain('usage: node bench/excerpt-train-ticket.ts SOURCE OUT START END minute…')
})

it('cuts by time only: all pods, indicators, lines and spans of the given minutes', async () => {
  const ran = await runProgram(['bench/excerpt-train-ticket.ts', join(data, TRAIN_TICKET_DAY), out, at('09:30'), at('10:02'), '10_00', '10_01']) // prettier-ignore
  expect(ran).toMatchObject({ code: 0, err: '' })
  expect(readdirSync(out).sort()).toEqual(expect.arrayContaining(['logs.jsonl.gz', 'metrics.csv.gz', 'traces.jsonl.gz'])) // prettier-ignore

  const { observations } = await readRecording(out)
  const { window, series, logs, spans, edges } = observations
  expect(window).toEqual({ start: Date.parse(at('09:30')), end: Date.parse(at('10:02')) })
  expect(new Set(series.map(({ service }) => service))).toEqual(new Set(['frontend', 'ts-ui-dashboard', 'ts-travel-service', 'ts-route-service', 'ts-order-service'])) // prettier-ignore
  const cpu = series.find(({ service, indicator }) => service === 'ts-route-service' && indicator === 'CpuUsage')
  expect(cpu).toMatchObject({ unit: 'm', instance: 'ts-route-service-579f59597d-wc2lz' })
  expect(cpu?.times).toHaveLength(32)

  // two minutes of sixty requests down a chain of three
  expect([logs.length, spans.length]).toEqual([2 * 60 * 3, 2 * 60 * 3])
  const thrown = logs.filter(({ level }) => level === 'ERROR')
  expect(thrown).toHaveLength(60)
  expect(thrown[0]).toMatchObject({ service: 'ts-route-service', message: 'c.c.Handler#12 java.lang.IllegalStateException: no route found' }) // prettier-ignore
  expect(edges).toEqual([
    { from: 'ts-travel-service', to: 'ts-route-service' },
    { from: 'ts-ui-dashboard', to: 'ts-travel-service' },
  ])
})
