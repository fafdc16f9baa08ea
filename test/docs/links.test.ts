/** Every link within the project leads somewhere: to a file that is there, and to a heading in it. */
import { existsSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { expect, test } from 'vitest'
import { markdownFiles, type Page, readPage, root } from './markdown.ts'

const pages = new Map(markdownFiles().map((file) => [file, readPage(file)]))

/** What is wrong with a link; null: nothing, or it leads out of the project. */
function faultOf(page: Page, url: string): string | null {
  if (/^[a-z][a-z+.-]*:/i.test(url)) return null
  const [path = '', anchor = ''] = url.split('#', 2).map(decodeURIComponent)
  const target = path === '' ? page.file : normalize(join(dirname(page.file), path))
  if (target.startsWith('..') || !existsSync(join(root, target))) return `${target} does not exist`
  if (anchor === '') return null
  const aimed = pages.get(target)
  if (aimed === undefined) return `${target} has no headings`
  return aimed.anchors.has(anchor) ? null : `${target} has no heading #${anchor}`
}

const faults = (page: Page): string[] =>
  page.links.flatMap(({ url, line }) => {
    const fault = faultOf(page, url)
    return fault === null ? [] : [`${page.file}:${line}: ${fault}`]
  })

test('every link within the project has a target', () => {
  expect([...pages.values()].flatMap(faults)).toEqual([])
})

test('a missing file, a missing heading and a link out of the project are found', () => {
  const from = (url: string) => ({ ...readPage('README.md'), links: [{ url, line: 1 }] })
  expect(faults(from('docs/none.md'))).toEqual(['README.md:1: docs/none.md does not exist'])
  expect(faults(from('docs/glossary.md#nowhere'))).toEqual(['README.md:1: docs/glossary.md has no heading #nowhere'])
  expect(faults(from('../elsewhere.md'))).toEqual(['README.md:1: ../elsewhere.md does not exist'])
  expect(faults(from('docs/glossary.md#the-bus'))).toEqual([])
})

test('every page is reached from README.md', () => {
  const reached = new Set(['README.md'])
  for (const file of reached) {
    const links = pages.get(file)?.links.map(({ url }) => normalize(join(dirname(file), url.split('#')[0] ?? ''))) ?? []
    for (const link of links) if (pages.has(link)) reached.add(link)
  }
  const inDocs = [...pages.keys()].filter((file) => /^docs\/(guides|reference)\/|^docs\/[^/]+$/.test(file))
  expect(inDocs.filter((file) => !reached.has(file))).toEqual([])
})
