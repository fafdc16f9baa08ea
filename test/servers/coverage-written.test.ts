import { appendFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { written } from './coverage-written.ts'

const folder = mkdtempSync(join(tmpdir(), 'coverage-'))
afterAll(() => rmSync(folder, { recursive: true }))

const PART = '{"result":[{"functions":[{}'

test('waits for a file that is still written', async () => {
  const growing = join(folder, 'growing.json')
  writeFileSync(join(folder, 'whole.json'), '{"result":[],"timestamp":12.5}')
  writeFileSync(growing, PART)
  let isOver = false
  const over = written(folder).then(() => (isOver = true))
  await wait(200)
  expect(isOver).toBe(false)
  appendFileSync(growing, ']}],"timestamp":13}')
  await over
  expect(existsSync(growing)).toBe(true)
})

test('deletes what a killed process left', async () => {
  const left = join(folder, 'left.json')
  writeFileSync(left, PART)
  await written(folder, 100)
  expect(existsSync(left)).toBe(false)
})
