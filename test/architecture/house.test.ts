import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadContract } from '../../schemas/contract.ts'

const root = join(import.meta.dirname, '../..')
const sources = globSync(
  '{schemas,actions,postmortem,tenants,bus,health,connect,memory,model,analysis,recording,agents,gateway,embedded,lab,cli,deploy,bench,test}/**/*.ts',
  {
    cwd: root,
  },
)

/** Each is one contract document (docs/decisions/0007); splitting it would make it harder to read. */
const LONG_CONTRACTS = ['gateway/openapi.yaml', 'schemas/diagnosis-completed.avsc']
/** Generated files and data. */
const NOT_WRITTEN = [
  ...['node_modules', 'coverage', '.git', '.sre', 'schemas/released', 'test/scenarios', 'bench/truth'],
  ...['test/deploy/compose-spec', 'test/deploy/crds'],
  ...['**/*.generated.*', '**/*.csv', '**/*.gz', '**/*.png', 'package-lock.json', 'docs/evaluation.md'],
  ...['docs/reference/asyncapi.yaml', 'docs/reference/events.md', 'docs/reference/postmortem.schema.json'],
  ...['docs/reference/cli.md', 'docs/reference/cli.zh-TW.md', 'docs/reference/http.md'],
]
const written = globSync('**/*', { cwd: root, exclude: NOT_WRITTEN, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => relative(root, join(entry.parentPath, entry.name)))

/** The allowed imports of each part, besides its own files. The longest matching prefix counts. */
const ALLOWED: Record<string, readonly string[]> = {
  schemas: [],
  actions: ['schemas'],
  postmortem: ['schemas'],
  tenants: [],
  bus: ['schemas'],
  health: ['bus'],
  analysis: [],
  recording: ['analysis'],
  'agents/runtime': ['schemas', 'bus', 'analysis'],
  'agents/tools': ['schemas', 'tenants', 'bus', 'analysis', 'recording', 'memory', 'agents/runtime'],
  'agents/a2a': ['schemas', 'bus', 'agents/runtime'],
  'agents/assistant': [
    'schemas',
    'actions',
    'tenants',
    'bus',
    'analysis',
    'memory',
    'agents/runtime',
    'agents/tools',
    'agents/a2a',
  ],
  'agents/executor': ['schemas', 'actions', 'tenants', 'bus', 'analysis', 'agents/runtime', 'agents/tools'],
  'agents/postmortem': [
    'schemas',
    'postmortem',
    'tenants',
    'bus',
    'memory',
    'analysis',
    'agents/runtime',
    'agents/tools',
    'agents/a2a',
  ],
  'agents/anomaly': ['schemas', 'tenants', 'bus', 'analysis', 'agents/runtime', 'agents/tools'],
  gateway: ['schemas', 'postmortem', 'tenants', 'bus', 'health'],
  connect: ['schemas', 'tenants', 'bus', 'health', 'agents/runtime'],
  memory: ['agents/runtime'],
  model: [],
  lab: ['schemas', 'recording'],
  embedded: [
    'schemas',
    'actions',
    'postmortem',
    'tenants',
    'bus',
    'health',
    'analysis',
    'memory',
    'lab',
    'agents',
    'gateway',
  ],
  bench: [
    'schemas',
    'actions',
    'postmortem',
    'tenants',
    'bus',
    'health',
    'analysis',
    'memory',
    'recording',
    'agents',
    'gateway',
    'embedded',
    'lab',
    'connect',
    'cli',
  ],
  cli: [
    'schemas',
    'actions',
    'postmortem',
    'tenants',
    'bus',
    'health',
    'analysis',
    'recording',
    'agents',
    'gateway',
    'embedded',
    'lab',
    'connect',
    'memory',
    'model',
  ],
  deploy: [],
  test: [
    'schemas',
    'actions',
    'postmortem',
    'tenants',
    'bus',
    'health',
    'analysis',
    'recording',
    'agents',
    'gateway',
    'embedded',
    'lab',
    'connect',
    'memory',
    'model',
    'cli',
    'deploy',
    'bench',
  ],
}

/** Packages that only one place may import, so that they can be replaced there. */
const KNOWN_IN: Record<string, string> = {
  '@dbos-inc/dbos-sdk': 'agents/runtime/',
  '@kubernetes/client-node': 'connect/kubernetes/',
  kafkajs: 'bus/kafka/',
  chromadb: 'memory/',
  '@anthropic-ai/sdk': 'model/',
  'fast-check': 'test/properties/',
  '@kafkajs/confluent-schema-registry': 'bus/kafka/',
}
/** Reads a model's code (WebAssembly next to its package's JavaScript) and nothing else. */
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
  it('only has imports in the allowed direction', () => {
    const wrong = sources.flatMap((path) =>
      importsOf(path)
        .filter((target) => partOf(target) !== partOf(path))
        .filter((target) => !(ALLOWED[partOf(path)] ?? []).some((allowed) => target.startsWith(`${allowed}/`)))
        .map((target) => `${path} imports ${target}`),
    )
    expect(wrong).toEqual([])
  })

  it('imports the engine, Kafka and its registry in one folder each', () => {
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

  it('keeps the analysis pure: no I/O, no clock, no random numbers', () => {
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

  it('never spreads outside input into arguments: a large list would overflow the stack', () => {
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

  it('has no circular imports', () => {
    const imports = new Map(sources.map((path) => [path, importsOf(path)]))
    // files without imports, or without importers, among the rest are in no cycle; remove them until nothing changes
    for (let before = -1; before !== imports.size;) {
      before = imports.size
      const imported = new Set([...imports.values()].flat())
      for (const [path, targets] of imports)
        if (!imported.has(path) || !targets.some((target) => imports.has(target))) imports.delete(path)
    }
    expect([...imports.keys()]).toEqual([])
  })

  it('has no hand-written file longer than 300 lines', () => {
    const long = written
      .map((path) => ({ path, lines: readFileSync(join(root, path), 'utf8').split('\n').length - 1 }))
      .filter(({ lines }) => lines > 300)
    expect(long.map(({ path }) => path).sort()).toEqual(LONG_CONTRACTS)
  })

  it('reads environment variables only where a program starts', () => {
    const readers = sources.filter(
      (path) =>
        !/^(cli|deploy|test|bench)\//.test(path) && /process\.env\b/.test(readFileSync(join(root, path), 'utf8')),
    )
    expect(readers).toEqual([])
  })

  it('writes to a terminal only where the line is made visible first', () => {
    const writers = sources.filter(
      (path) =>
        /^(cli|embedded|agents|gateway|bus|connect)\//.test(path) &&
        /\b(?:stdout|stderr|styleText)\b|\bconsole\.|\b(?:out|err)\.write\(/.test(
          readFileSync(join(root, path), 'utf8'),
        ),
    )
    expect(writers.sort()).toEqual(['cli/analyze/surface.ts', 'cli/run.ts', 'cli/sre.ts', 'cli/terminal/ask.ts', 'cli/terminal/line.ts', 'cli/terminal/screen.ts']) // prettier-ignore
  })

  it('reads the truth of a recording only in scorers', () => {
    const readers = sources.filter(
      (path) =>
        !/^(bench|test)\//.test(path) && /truth\.json|bench\/truth/.test(readFileSync(join(root, path), 'utf8')),
    )
    expect(readers).toEqual([])
  })

  it('names no data set outside comments: it is tuned to none', () => {
    const comments = /\/\*[^]*?\*\/|(?<=^|\s)\/\/.*$/gm
    const names = /sock-?shop|pet-?shop|nezha|boutique|train-?ticket|loghub|\bts-\w+-service/i
    const knowing = sources.filter(
      (path) =>
        /^(schemas|bus|analysis|recording|agents|gateway)\//.test(path) &&
        names.test(readFileSync(join(root, path), 'utf8').replace(comments, '')),
    )
    expect(knowing).toEqual([])
  })

  it('has a producer for every topic, including its owner', () => {
    const orphans = loadContract().topics.filter((topic) => !topic.producers.includes(topic.owner))
    expect(orphans.map((topic) => topic.name)).toEqual([])
  })
})
