import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadContract } from '../../schemas/contract.ts'

const root = join(import.meta.dirname, '../..')
const sources = globSync(
  '{schemas,tenants,bus,analysis,recording,agents,gateway,embedded,lab,cli,deploy,bench,test}/**/*.ts',
  {
    cwd: root,
  },
)

/** One contract document each (docs/decisions/0007): cut in pieces they would say less. */
const LONG_CONTRACTS = ['gateway/openapi.yaml', 'schemas/diagnosis-completed.avsc']
/** Made by a program, or data. */
const NOT_WRITTEN = [
  ...['node_modules', 'coverage', '.git', '.sre', 'schemas/released', 'test/scenarios'],
  ...['**/*.generated.ts', '**/*.csv', '**/*.gz', 'package-lock.json', 'docs/evaluation.md'],
]
const written = globSync('**/*', { cwd: root, exclude: NOT_WRITTEN, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => relative(root, join(entry.parentPath, entry.name)))

/** What each part may import, beside itself. The longest matching prefix counts. */
const ALLOWED: Record<string, readonly string[]> = {
  schemas: [],
  tenants: [],
  bus: ['schemas'],
  analysis: [],
  recording: ['analysis'],
  'agents/runtime': ['schemas', 'bus', 'analysis'],
  'agents/tools': ['schemas', 'tenants', 'bus', 'analysis', 'recording', 'agents/runtime'],
  'agents/assistant': ['schemas', 'tenants', 'bus', 'analysis', 'agents/runtime', 'agents/tools'],
  'agents/executor': ['schemas', 'tenants', 'bus', 'analysis', 'agents/runtime', 'agents/tools'],
  gateway: ['schemas', 'tenants', 'bus'],
  lab: ['recording'],
  embedded: ['schemas', 'tenants', 'bus', 'lab', 'agents', 'gateway'],
  bench: ['schemas', 'tenants', 'bus', 'analysis', 'recording', 'agents', 'gateway', 'embedded', 'lab', 'cli'],
  cli: ['schemas', 'tenants', 'bus', 'analysis', 'recording', 'agents', 'gateway', 'embedded', 'lab'],
  deploy: [],
  test: [
    'schemas',
    'tenants',
    'bus',
    'analysis',
    'recording',
    'agents',
    'gateway',
    'embedded',
    'lab',
    'cli',
    'deploy',
    'bench',
  ],
}

/** Packages one place alone knows, so that another could be put in their stead there. */
const KNOWN_IN: Record<string, string> = {
  '@dbos-inc/dbos-sdk': 'agents/runtime/',
  kafkajs: 'bus/kafka/',
  'fast-check': 'test/properties/',
  '@kafkajs/confluent-schema-registry': 'bus/kafka/',
}
/** It reads the code of a model, which is WebAssembly beside the JavaScript of its package, and nothing else. */
const LOADS_A_MODEL = 'analysis/forecasts/members.ts'

const partOf = (path: string): string =>
  Object.keys(ALLOWED)
    .filter((part) => path.startsWith(`${part}/`))
    .sort((a, b) => b.length - a.length)[0] ?? path

const importsOf = (path: string): string[] =>
  [...readFileSync(join(root, path), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']*)'/g)].map((match) =>
    normalize(join(dirname(path), match[1] ?? '')),
  )

const packagesOf = (path: string): string[] =>
  [...readFileSync(join(root, path), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^.'][^']*)'/g)].map(
    (match) => match[1] ?? '',
  )

describe('the house', () => {
  it('has imports that point one way', () => {
    const wrong = sources.flatMap((path) =>
      importsOf(path)
        .filter((target) => partOf(target) !== partOf(path))
        .filter((target) => !(ALLOWED[partOf(path)] ?? []).some((allowed) => target.startsWith(`${allowed}/`)))
        .map((target) => `${path} imports ${target}`),
    )
    expect(wrong).toEqual([])
  })

  it('knows the engine, Kafka and its registry in one folder each', () => {
    const wrong = sources
      .filter((path) => !/^(bench|test)\//.test(path))
      .flatMap((path) =>
        packagesOf(path)
          .filter((name) => !path.startsWith(KNOWN_IN[name] ?? ''))
          .map((name) => `${path} imports ${name}`),
      )
    expect(wrong).toEqual([])
    for (const [name, folder] of Object.entries(KNOWN_IN))
      expect(
        sources.some((path) => path.startsWith(folder) && packagesOf(path).includes(name)),
        name,
      ).toBe(true)
  })

  it('analyses what it is given: no input, no output, no clock, no chance', () => {
    const impure = sources.filter(
      (path) =>
        path.startsWith('analysis/') &&
        (packagesOf(path).some((name) => name.startsWith('node:')) ||
          /\b(?:Date\.now|performance\.now|Math\.random|fetch|setTimeout|process\.\w+)\b|new Date\(\)/.test(
            readFileSync(join(root, path), 'utf8'),
          )),
    )
    expect(impure).toEqual([LOADS_A_MODEL])
  })

  it('gives no list of what came from outside as arguments of one call: of hundreds of thousands the stack overflows', () => {
    const wrong = sources
      .filter((path) => /^(analysis|recording|cli\/analyze|agents)\//.test(path))
      .flatMap((path) =>
        [
          ...readFileSync(join(root, path), 'utf8').matchAll(
            /(?:\bMath\.(?:min|max)|\.push|\.unshift)\([^(){}[\]]*\.\.\..*/g,
          ),
        ].map(([call]) => `${path}: ${call}`),
      )
    expect(wrong).toEqual([])
  })

  it('has no circle of imports', () => {
    const imports = new Map(sources.map((path) => [path, importsOf(path)]))
    // what imports nothing that is left, or is imported by nothing that is left, is in no circle
    for (let before = -1; before !== imports.size;) {
      before = imports.size
      const imported = new Set([...imports.values()].flat())
      for (const [path, targets] of imports)
        if (!imported.has(path) || !targets.some((target) => imports.has(target))) imports.delete(path)
    }
    expect([...imports.keys()]).toEqual([])
  })

  it('has no file longer than 300 lines that somebody writes by hand', () => {
    const long = written
      .map((path) => ({ path, lines: readFileSync(join(root, path), 'utf8').split('\n').length - 1 }))
      .filter(({ lines }) => lines > 300)
    expect(long.map(({ path }) => path).sort()).toEqual(LONG_CONTRACTS)
  })

  it('reads the environment only where a program starts', () => {
    const readers = sources.filter(
      (path) =>
        !/^(cli|deploy|test|bench)\//.test(path) && /process\.env\b/.test(readFileSync(join(root, path), 'utf8')),
    )
    expect(readers).toEqual([])
  })

  it('writes to a terminal only where a line is made visible first', () => {
    const writers = sources.filter(
      (path) =>
        /^(cli|embedded|agents|gateway|bus)\//.test(path) &&
        /\b(?:stdout|stderr|styleText)\b|\bconsole\.|\b(?:out|err)\.write\(/.test(
          readFileSync(join(root, path), 'utf8'),
        ),
    )
    expect(writers.sort()).toEqual(['cli/analyze/surface.ts', 'cli/sre.ts', 'cli/terminal/ask.ts', 'cli/terminal/line.ts', 'cli/terminal/screen.ts']) // prettier-ignore
  })

  it('never opens the truth of a recording outside a scorer', () => {
    const readers = sources.filter(
      (path) => !/^(bench|test)\//.test(path) && readFileSync(join(root, path), 'utf8').includes('truth.json'),
    )
    expect(readers).toEqual([])
  })

  it('is tuned to no data set: outside of comments none is named', () => {
    const comments = /\/\*[^]*?\*\/|(?<=^|\s)\/\/.*$/gm
    const names = /sock-?shop|pet-?shop|nezha|boutique|train-?ticket|loghub|\bts-\w+-service/i
    const knowing = sources.filter(
      (path) =>
        /^(schemas|bus|analysis|recording|agents|gateway)\//.test(path) &&
        names.test(readFileSync(join(root, path), 'utf8').replace(comments, '')),
    )
    expect(knowing).toEqual([])
  })

  it('knows for every topic who writes it, its owner among them', () => {
    const orphans = loadContract().topics.filter((topic) => !topic.producers.includes(topic.owner))
    expect(orphans.map((topic) => topic.name)).toEqual([])
  })
})
