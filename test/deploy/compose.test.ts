/** The Compose file without a container engine: its structure, and that everything it names exists. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { variables } from '../../cli/config.ts'
import { HEALTH_PORTS } from '../../cli/serve/health.ts'
import { PARTS } from '../../cli/serve/part.ts'
import { runHere, runProgram } from '../cli/run-sre.ts'
import { kinds } from '../servers/kinds.ts'
import { awayOf, nowhere } from './nowhere.ts'
import { asked, document, generated, root, services } from './compose.ts'

const all = services()
const ours = Object.entries(all).filter(([, { build }]) => build !== undefined)
const running = ours.filter(([, { profiles }]) => !profiles.includes('cli'))
const others = Object.entries(all).filter(([, { build }]) => build === undefined)
const read = (path: string) => readFileSync(join(root, path), 'utf8')

test("it is valid by the specification's schema", () => {
  const schema = JSON.parse(read('test/deploy/compose-spec/compose-spec.json'))
  const validate = new Ajv2020({ strict: false, validateFormats: false, allErrors: true }).compile(schema)
  validate(document())
  expect(validate.errors).toBeNull()
  expect(validate({ services: { one: { image: 'x', helthcheck: {} } } })).toBe(false)
})

test('every required secret is generated at random, and none has a default', () => {
  const [one, other] = [parseEnv(generated()), parseEnv(generated())]
  const required = [...asked()].filter(([, must]) => must).map(([name]) => name)
  expect(Object.keys(one).sort()).toEqual(required.sort())
  const values = [...Object.values(one), ...Object.values(other)]
  expect(new Set(values).size).toBe(values.length)
  for (const value of values) expect(value).toMatch(/^[0-9a-f]{48}$/)
  for (const name of asked().keys()) if (!required.includes(name)) expect(name).not.toMatch(/PASSWORD|SECRET|TOKEN/)
  for (const name of required) expect(() => services({ ...one, [name]: '' })).toThrow(`${name} is required`)
})

test('every container is unprivileged and limited, and every port is on loopback', () => {
  for (const [name, one] of Object.entries(all)) {
    expect(one.cap_drop, name).toEqual(['ALL'])
    expect(one.security_opt, name).toEqual(['no-new-privileges:true'])
    expect(one.deploy, name).toBeDefined()
    for (const port of one.ports) expect(port, name).toMatch(/^127\.0\.0\.1:(\d+):\1$/)
  }
  for (const [name, one] of ours) expect(one.read_only, name).toBe(true)
})

test('each service waits only for conditions that its dependencies can meet', () => {
  for (const [name, { depends_on: needs }] of Object.entries(all))
    for (const [needed, { condition }] of Object.entries(needs)) {
      const other = all[needed]
      expect(other, `${name} needs ${needed}`).toBeDefined()
      if (condition === 'service_healthy') expect(other?.healthcheck, `${name} needs ${needed}`).toBeDefined()
      if (condition === 'service_completed_successfully') expect(other?.restart).toMatch(/^on-failure/)
      // whatever starts the one starts the other
      const [mine, its] = [all[name]?.profiles ?? [], other?.profiles ?? []]
      if (its.length > 0)
        expect([mine.length > 0, mine.filter((profile) => !its.includes(profile))]).toEqual([true, []])
    }
})

test('images have exact tags, the same as the tests use', () => {
  for (const [name, { image }] of others) expect(image, name).toMatch(/:v?\d+(\.\d+)*$/)
  for (const { image } of Object.values(kinds)) expect(others.map(([, other]) => other.image)).toContain(image)
})

test('every file and folder that is mounted exists, and every volume is declared', () => {
  const declared = Object.keys((document() as { volumes: object }).volumes)
  for (const [name, { volumes, command }] of Object.entries(all)) {
    const mounts = volumes.map((volume) => volume.split(':'))
    for (const [source = '', target, mode] of mounts)
      if (source.startsWith('./')) {
        expect(existsSync(join(root, source)), `${name}: ${source}`).toBe(true)
        expect(mode, `${name}: ${source} of ${target}`).toBe('ro')
      } else expect(declared, name).toContain(source)
    for (const [, path = ''] of command.join(' ').matchAll(/config[.]?(?:file)?=(\S+)/g)) {
      const [source = '', target = ''] = mounts.find(([, inside = '-']) => path.startsWith(inside)) ?? []
      expect(existsSync(join(root, source, path.slice(target.length))), `${name}: ${path}`).toBe(true)
    }
  }
})

test('every address in it and in the files beside it is of a service that listens there', () => {
  const text = [
    'prometheus/prometheus.yml',
    'otelcol/otelcol.yaml',
    'otelcol/kafka.yaml',
    'alertmanager/alertmanager.yml',
    'alertmanager/control-plane.yml',
    'grafana/datasources/sre.yaml',
    'kafka/server.properties',
  ]
    .map((path) => read(`deploy/${path}`)) // prettier-ignore
    .concat(JSON.stringify(all))
    .join('\n')
  const names = Object.keys(all)
  const found = [...text.matchAll(/(?:\/\/|@|['"= ])([a-z][a-z-]*):(\d{4,5})\b/g)].map(([, host = '', port]) => `${host}:${port}`) // prettier-ignore
  const listening = new Set([
    ...PARTS.map((part) => `${part}:${HEALTH_PORTS[part]}`),
    ...[
      'gateway:8080',
      'control-plane:8081',
      'lab:8083',
      'kafka:9092',
      'kafka:9093',
      'registry:8080',
      'postgres:5432',
      'keycloak-db:5432',
    ],
    ...[
      'prometheus:9090',
      'loki:3100',
      'chroma:8000',
      'alertmanager:9093',
      'zipkin:9411',
      'otelcol:4318',
      'otelcol:8888',
    ],
  ])
  expect(found.length).toBeGreaterThan(15)
  for (const address of found) {
    expect(names).toContain(address.split(':')[0])
    expect(listening, address).toContain(address)
  }
})

test('the realm gets a value for every placeholder', () => {
  const placeholders = [...read('deploy/keycloak/realm.json').matchAll(/\$\{(\w+)\}/g)].map(([, name = '']) => name)
  expect(placeholders).toHaveLength(4)
  expect(placeholders.map((name) => all['keycloak']?.environment[name])).toEqual(
    placeholders.map(() => expect.stringMatching(/^[0-9a-f]{48}$/)),
  )
  const clients = (JSON.parse(read('deploy/keycloak/realm.json')) as { clients: { secret?: string }[] }).clients
  for (const { secret } of clients) if (secret !== undefined) expect(secret).toMatch(/^\$\{\w+\}$/)
})

test('the collector uses what it defines, and only that', () => {
  const [base, more] = ['otelcol', 'kafka'].map((file) => parse(read(`deploy/otelcol/${file}.yaml`)) as Record<string, Record<string, object>>) // prettier-ignore
  const defined = (kind: string) => Object.keys({ ...base![kind], ...more![kind] })
  const pipelines = [base, more].flatMap((file) => Object.values(file!['service']!['pipelines']!))
  expect(pipelines).toHaveLength(4)
  for (const pipeline of pipelines as Record<string, string[]>[])
    for (const [kind, names] of Object.entries(pipeline))
      for (const name of names) expect(defined(kind)).toContain(name)
})

describe('each component and each job', () => {
  // the lab needs nobody, and would run: test/cli/serving-lab.test.ts
  test.each(running.filter(([name]) => name !== 'lab'))(
    '%s is told what the command line knows, and lacks nothing',
    async (name, { command, environment }) => {
      for (const variable of Object.keys(environment)) if (variable !== 'LC_ALL') expect(Object.keys(variables)).toContain(variable) // prettier-ignore
      const { code, err } = await runHere(command, {
        ...nowhere(environment),
        ...(name === 'executor' ? { CONTROL_PLANE_URL: 'http://127.0.0.1:1' } : {}),
      })
      expect(code).not.toBe(0)
      expect(err).toMatch(awayOf(name))
    },
  )

  test('is probed at the port and path it serves', () => {
    for (const part of PARTS) {
      const check = all[part]?.healthcheck?.test.join(' ')
      if (check !== undefined) expect(check).toContain(`http://127.0.0.1:${HEALTH_PORTS[part]}/readyz`)
    }
    expect(PARTS.filter((part) => all[part] !== undefined)).toEqual([...PARTS])
  })
})

describe('the image', () => {
  const lines = read('Dockerfile').split('\n')
  const words = (keyword: string) => lines.filter((line) => line.startsWith(`${keyword} `)).map((line) => line.split(' ').slice(1)) // prettier-ignore

  const copied = () => words('COPY').filter(([first]) => first?.startsWith('--') !== true).flatMap((parts) => parts.slice(0, -1)) // prettier-ignore

  test('has the Node.js of package.json, and runs as an unprivileged user', () => {
    const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> }
    for (const [base] of words('FROM')) expect(base).toMatch(new RegExp(`^node:${dependencies['node']}-[a-z]+-slim$`))
    expect(words('USER')).toEqual([['10001:10001']])
  })

  test('has everything it copies in its build context, and nothing else', () => {
    for (const path of copied()) expect(existsSync(join(root, path)), path).toBe(true)
    const sent = read('.dockerignore').split('\n').filter((line) => line.startsWith('!')).map((line) => line.slice(1)) // prettier-ignore
    expect([...new Set(copied())].sort()).toEqual(sent.sort())
  })

  test('runs from the copied files alone, with production dependencies only', async () => {
    const image = mkdtempSync(join(tmpdir(), 'sre-image-'))
    for (const path of copied()) cpSync(join(root, path), join(image, path), { recursive: true })
    mkdirSync(join(image, 'node_modules'))
    const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, { dev?: boolean }> }
    for (const [path, { dev = false }] of Object.entries(packages))
      if (!dev && /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path) && existsSync(join(root, path))) {
        mkdirSync(join(image, path, '..'), { recursive: true })
        symlinkSync(join(root, path), join(image, path))
      }
    const environment = nowhere(all['gateway']?.environment ?? {})
    const { err } = await runProgram([join(image, 'cli/sre.ts'), 'serve', 'gateway'], environment)
    expect(err).toMatch(awayOf('gateway'))
    const { code, out } = await runProgram([join(image, 'cli/sre.ts'), 'schemas', 'check', '--json'])
    expect([code, JSON.parse(out).length > 5]).toEqual([0, true])
    rmSync(image, { recursive: true })
  })
})
