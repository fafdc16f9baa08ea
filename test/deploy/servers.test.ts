/** The servers that the Compose file starts, from the same files, where this machine has them without containers. */
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseEnv, promisify } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import { runHere } from '../cli/run-sre.ts'
import { freePort } from '../servers/free-port.ts'
import { alertmanagerBinaries } from '../servers/local/alertmanager.ts'
import { kafkaJars } from '../servers/local/kafka.ts'
import { lokiBinary } from '../servers/local/loki.ts'
import { startProcess } from '../servers/local/process.ts'
import { prometheusBinaries } from '../servers/local/prometheus.ts'
import { registryJars } from '../servers/local/registry.ts'
import { findJava } from '../servers/local/toolchain.ts'
import type { Instance } from '../servers/server.ts'
import { startPrivateChroma } from '../servers/chroma.ts'
import { startPrivateLoki } from '../servers/loki.ts'
import { startCollector } from '../servers/otelcol.ts'
import { startPrometheus } from '../servers/prometheus.ts'
import { zipkin } from '../servers/zipkin.ts'
import { until } from '../lab/until.ts'
import { generated, root, services } from './compose.ts'

const run = promisify(execFile)
const folder = mkdtempSync(join(tmpdir(), 'sre-deploy-'))
const started: Instance[] = []
afterAll(async () => {
  for (const one of started.reverse()) await one.stop()
  rmSync(folder, { recursive: true })
})
const read = (path: string) => readFileSync(join(root, 'deploy', path), 'utf8')

test('Kafka and the registry start, and the jobs prepare them for the components', async () => {
  const all = services()
  const [port, controller, http, management] = [await freePort(), await freePort(), await freePort(), await freePort()]
  const broker = `127.0.0.1:${port}`
  const properties = read('kafka/server.properties')
    .replaceAll('PLAINTEXT://:9092', `PLAINTEXT://${broker}`)
    .replaceAll('CONTROLLER://:9093', `CONTROLLER://127.0.0.1:${controller}`)
    .replaceAll('kafka:9093', `127.0.0.1:${controller}`)
    .replaceAll('kafka:9092', broker)
    .replace('/var/lib/kafka/data', join(folder, 'data'))
  const file = join(folder, 'server.properties')
  writeFileSync(file, properties)
  const java = (await findJava()) ?? 'java'
  const small = ['-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1']
  const jvm = [...small, '-cp', join(kafkaJars.folder, 'lib', '*')]
  const cluster = `--cluster-id=${all['kafka']?.environment['CLUSTER_ID']}`
  await run(java, [...jvm, 'kafka.tools.StorageTool', 'format', cluster, '-c', file])
  const log = join(folder, 'kafka.log')
  started.push(
    await startProcess({
      ...{ title: 'Kafka', command: java, args: [...jvm, 'kafka.Kafka', file], log, deadline: 120_000 },
      ready: async () => (await fetch(`http://${broker}`).catch(({ cause }: { cause: NodeJS.ErrnoException }) => cause.code !== 'ECONNREFUSED')) !== false, // prettier-ignore
    }),
  )
  const registryUrl = `http://127.0.0.1:${http}/apis/ccompat/v7`
  const { JAVA_OPTS_APPEND: _heap, ...environment } = all['registry']?.environment ?? {}
  started.push(
    await startProcess({
      ...{ title: 'The schema registry', command: java, log: join(folder, 'registry.log'), deadline: 180_000 },
      args: [
        ...[...small, '-Dquarkus.http.host=127.0.0.1', `-Dquarkus.http.port=${http}`],
        ...['-Dquarkus.management.host=127.0.0.1', `-Dquarkus.management.port=${management}`],
        ...['-jar', join(registryJars.folder, 'registry', 'quarkus-run.jar')],
      ],
      env: { ...environment, APICURIO_KAFKASQL_BOOTSTRAP_SERVERS: broker },
      cwd: folder,
      ready: async () => (await fetch(`${registryUrl}/subjects`)).ok,
    }),
  )
  const bus = { KAFKA_BROKERS: broker, SCHEMA_REGISTRY_URL: registryUrl }
  expect(await runHere(all['topics']?.command ?? [], bus)).toMatchObject({ code: 0 })
  expect(await runHere(all['schemas']?.command ?? [], bus)).toMatchObject({ code: 0 })
  const plan = await runHere(['topics', 'plan', '--replicas', '1', '--json'], bus)
  expect(plan).toMatchObject({ code: 0, out: '[]\n' })
}, 600_000)

test('Prometheus starts with its file and its alerts, and accepts OTLP', async () => {
  const rules = join(folder, 'prometheus')
  cpSync(join(root, 'deploy/prometheus'), rules, { recursive: true })
  const config = read('prometheus/prometheus.yml').replaceAll('/etc/prometheus/', `${rules}/`)
  writeFileSync(join(rules, 'prometheus.yml'), config)
  const { stdout } = await run(join(prometheusBinaries.folder, 'promtool'), ['check', 'config', join(rules, 'prometheus.yml')]) // prettier-ignore
  expect(stdout).toContain('SUCCESS: 2 rules found')
  const flags = (services()['prometheus']?.command ?? []).filter((flag) => !/^--(config|storage)/.test(flag))
  const server = await startPrometheus({ config, flags })
  const active = await (await fetch(`${server.url}/api/v1/rules`)).json()
  expect(active).toMatchObject({
    data: {
      groups: expect.arrayContaining([
        expect.objectContaining({ name: 'sre' }),
        expect.objectContaining({ name: 'shop' }),
      ]),
    },
  })
  const otlp = await fetch(`${server.url}/api/v1/otlp/v1/metrics`, {
    ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"resourceMetrics":[]}' },
  })
  expect(otlp.status).toBe(200)
  await server.stop()
})

test('Chroma starts with its file, and is healthy by the check of the Compose file as long as it runs', async () => {
  const chroma = await startPrivateChroma()
  const [, bash = '', option = '', script = ''] = services()['chroma']?.healthcheck?.test ?? []
  const here = script.replaceAll('$$', '$').replace('127.0.0.1/8000', `127.0.0.1/${new URL(chroma.url).port}`)
  const check = () => run(bash, [option, here])
  await check()
  await chroma.stop()
  await expect(check()).rejects.toThrow('Connection refused')
})

test('Loki accepts its file, and rejects an invalid one', async () => {
  const verify = (file: string) => run(join(lokiBinary.folder, 'loki'), [`-config.file=${file}`, '-verify-config'])
  await verify(join(root, 'deploy/loki/loki.yaml'))
  const wrong = join(folder, 'loki.yaml')
  writeFileSync(wrong, read('loki/loki.yaml').replace('retention_enabled', 'retention'))
  await expect(verify(wrong)).rejects.toThrow('field retention not found')
})

test("Alertmanager accepts both configuration files, and starts with its webhook's token in a file", async () => {
  const binary = (name: string) => join(alertmanagerBinaries.folder, name)
  for (const name of ['alertmanager.yml', 'control-plane.yml']) {
    const { stdout } = await run(binary('amtool'), ['check-config', join(root, 'deploy/alertmanager', name)])
    expect(stdout).toContain('SUCCESS')
    expect(read(`alertmanager/${name}`)).toContain('credentials_file: /tmp/alerts-token')
  }
  const given = { ...parseEnv(generated()), ALERTMANAGER_CONFIG: 'control-plane.yml' }
  const all = services(given)
  const { entrypoint = [], environment = {}, command = [] } = all['alertmanager'] ?? {}
  expect(command[0]).toBe('--config.file=/etc/alertmanager/control-plane.yml')
  const [shell = '', ...script] = entrypoint.map((part) => part.replace('/tmp/', `${folder}/`))
  const PATH = `${alertmanagerBinaries.folder}:/usr/bin:/bin`
  const { stdout } = await run(shell, [...script, '--version'], { env: { ...environment, PATH } })
  expect(stdout).toContain('alertmanager, version')
  const token = readFileSync(join(folder, 'alerts-token'), 'utf8')
  expect(token).toBe(environment['ALERTS_TOKEN'])
  for (const [part, name] of [
    ['gateway', 'GATEWAY_ALERTS_TOKEN'],
    ['control-plane', 'CONTROL_PLANE_ALERTS_TOKEN'],
  ] as const)
    // prettier-ignore
    expect(all[part]?.environment[name]).toBe(token)
})

test('the collector forwards metrics to Prometheus, logs to Loki and spans to Zipkin', async () => {
  const [prometheus, loki, traces] = await Promise.all([
    startPrometheus({ flags: ['--web.enable-otlp-receiver'] }),
    startPrivateLoki({ config: read('loki/loki.yaml') }),
    zipkin(),
  ])
  const hosts = { 'prometheus:9090': prometheus.url, 'loki:3100': loki.url, 'zipkin:9411': traces.url }
  const config = Object.entries(hosts).reduce((all, [there, url]) => all.replace(there, new URL(url).host), read('otelcol/otelcol.yaml')) // prettier-ignore
  const collector = await startCollector({ config })
  const service = `depot-${randomBytes(4).toString('hex')}`
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: service } }] }
  const now = `${Date.now()}000000`
  const [traceId, spanId] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')]
  const sent = {
    metrics: { resourceMetrics: [{ resource, scopeMetrics: [{ metrics: [{ name: 'parcels', gauge: { dataPoints: [{ asInt: '7', timeUnixNano: now }] } }] }] }] }, // prettier-ignore
    logs: { resourceLogs: [{ resource, scopeLogs: [{ logRecords: [{ timeUnixNano: now, body: { stringValue: 'sorted' } }] }] }] }, // prettier-ignore
    traces: { resourceSpans: [{ resource, scopeSpans: [{ spans: [{ traceId, spanId, name: 'sort', kind: 2, startTimeUnixNano: now, endTimeUnixNano: now }] }] }] }, // prettier-ignore
  }
  for (const [signal, body] of Object.entries(sent)) {
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(`${collector.url}/v1/${signal}`, { method: 'POST', headers, body: JSON.stringify(body) })
    expect(answer.status, signal).toBe(200)
  }
  const shows = (url: string, what: string) =>
    until(async () => (await (await fetch(url)).text()).includes(what), 120_000)
  await shows(`${prometheus.url}/api/v1/query?${new URLSearchParams({ query: `parcels{job="${service}"}` })}`, '"7"')
  await shows(`${loki.url}/loki/api/v1/query_range?${new URLSearchParams({ query: `{service_name="${service}"}` })}`, 'sorted') // prettier-ignore
  await shows(`${traces.url}/api/v2/trace/${traceId}`, service)
  expect(await (await fetch(`http://${collector.metrics}/metrics`)).text()).toContain('otelcol_exporter_sent_spans')
  await Promise.all([collector, loki, prometheus].map((server) => server.stop()))
}, 600_000)
