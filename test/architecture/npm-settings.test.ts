/** What npm prints when somebody installs this project. */
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

test(
  'npm does not warn about packages that want a newer Node than its own, and still reports errors',
  { timeout: 120_000 },
  () => {
    const dir = mkdtempSync(join(tmpdir(), 'sre-npm-'))
    try {
      const write = (file: string, content: object) => writeFileSync(join(dir, file), JSON.stringify(content))
      copyFileSync(join(import.meta.dirname, '../../.npmrc'), join(dir, '.npmrc'))
      mkdirSync(join(dir, 'newer'))
      write('newer/package.json', { name: 'newer', version: '1.0.0', engines: { node: '>=999' } })
      const install = (dependencies: Record<string, string>) => {
        write('package.json', { name: 'installing', version: '1.0.0', dependencies })
        return spawnSync('npm', ['install', '--package-lock-only', '--offline'], { cwd: dir, encoding: 'utf8' })
      }
      expect(install({ newer: 'file:./newer' })).toMatchObject({ status: 0, stderr: '' })
      const failed = install({ newer: 'file:./newer', 'no-such-package-here': '1.0.0' })
      expect(failed.status).not.toBe(0)
      expect(failed.stderr).toContain('npm error')
    } finally {
      rmSync(dir, { recursive: true })
    }
  },
)
