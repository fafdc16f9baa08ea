/** Generated pages are up to date with their source. Events and AsyncAPI: test/schemas; metrics and configuration: also test/cli. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cliPage, pages } from '../../cli/cli-doc.ts'
import { configurationPage } from '../../cli/configuration-doc.ts'
import { metricsPage } from '../../cli/metrics-doc.ts'
import { httpPage } from '../../gateway/http-doc.ts'
import { root } from './markdown.ts'

test.each([
  [pages.en, 'docs:cli', () => cliPage('en')],
  [pages['zh-TW'], 'docs:cli', () => cliPage('zh-TW')],
  ['http.md', 'docs:http', httpPage],
  ['configuration.md', 'docs:configuration', configurationPage],
  ['metrics.md', 'docs:metrics', metricsPage],
])('docs/reference/%s is up to date; otherwise run npm run %s', async (file, _command, made) => {
  expect(readFileSync(join(root, 'docs/reference', file), 'utf8')).toBe(await made())
})
