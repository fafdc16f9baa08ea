/** The recorded faults of the lab: anyone can make them again, and nothing in them names the fault. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { recordFault } from '../../bench/scenarios/record-fault.ts'
import { idOf, truthOf } from '../../bench/scenarios/truths.ts'
import { FAULT_NAMES } from '../../lab/faults.ts'
import { TELLING } from '../lab/telling.ts'

const root = join(import.meta.dirname, '../..')
const file = (id: string, name: string): string => join(root, 'test/scenarios', id, name)
const unzipped = (id: string, name: string): string => gunzipSync(readFileSync(file(id, `${name}.gz`))).toString()
const parsed = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'))

test('a recording made again is the same', async () => {
  const id = idOf('bad-configuration')
  const { texts, documents } = await recordFault('bad-configuration')
  for (const [name, text] of Object.entries(texts)) expect(unzipped(id, name) === text, name).toBe(true)
  for (const [name, value] of Object.entries(documents)) expect(parsed(file(id, name))).toEqual(value)
})

test.each(FAULT_NAMES)('%s is recorded in a small folder that does not name it; its truth is elsewhere', (name) => {
  const id = idOf(name)
  const [metrics, logs] = [unzipped(id, 'metrics.csv'), unzipped(id, 'logs.jsonl')]
  const read = ['changes.json', 'alerts.json', 'graph.json'].map((one) => readFileSync(file(id, one), 'utf8'))
  const text = [metrics, logs, ...read].join('\n')
  expect(TELLING.exec(text)?.[0]).toBeUndefined()
  if (name !== 'nothing') expect(text).not.toContain(name)
  for (const one of ['metrics.csv.gz', 'logs.jsonl.gz']) expect(statSync(file(id, one)).size).toBeLessThan(200_000)
  expect(existsSync(file(id, 'truth.json'))).toBe(false)
  expect(parsed(join(root, 'bench/truth', `${id}.json`))).toEqual(truthOf(name))
})
