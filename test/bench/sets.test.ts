import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { nab } from '../../bench/sets/nab.ts'
import { write } from './small-data/write.ts'

it('refuses a window that starts at no point of its series', () => {
  const root = mkdtempSync(join(tmpdir(), 'sre-nab-'))
  write(join(root, 'kind/one.csv'), 'timestamp,value\n2014-04-01 00:00:00,1\n2014-04-01 00:05:00,2\n')
  const label = (first: string): void =>
    write(join(root, 'labels/combined_windows.json'), JSON.stringify({ 'kind/one.csv': [[`2014-04-01 ${first}.000000`, '2014-04-01 00:05:00.000000']] })) // prettier-ignore
  label('00:00:00')
  expect(nab(root)[0]?.windows).toEqual([[0, 1]])
  label('00:01:00')
  expect(() => nab(root)).toThrow('kind/one.csv: no window from 2014-04-01 00:01:00.000000')
  rmSync(root, { recursive: true })
})
