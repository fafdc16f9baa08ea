/**
 * The platform as `docker-compose.kafka.yml` puts it together, without containers: each component is a process with the variables given there, each server
 * has its files in `deploy/`, with addresses of this machine in place of the containers'. The broker has an authorizer, and each component its own user.
 * Intervals and rate windows are shorter, so that an incident takes two minutes.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { z } from 'zod'
import { signIn } from '../../embedded/issuer/sign-in.ts'
import { runSre } from '../cli/run-sre.ts'
import { serve } from '../cli/serve.ts'
import { generated, root, services } from '../deploy/compose.ts'
import { client } from '../embedded/setting.ts'
import { loginOnPage } from '../identity/login.ts'
import { startAlertmanager } from '../servers/alertmanager.ts'
import { freePort } from '../servers/free-port.ts'
import { kafka } from '../servers/kafka.ts'
import { secrets, startPrivateKeycloak } from '../servers/keycloak.ts'
import { startPrivateLoki } from '../servers/loki.ts'
import { startCollector } from '../servers/otelcol.ts'
import { createDatabase } from '../servers/postgres.ts'
import { startPrometheus } from '../servers/prometheus.ts'
import { startSecuredKafka } from '../servers/secured-kafka.ts'
import { zipkin } from '../servers/zipkin.ts'

const PARTS = ['gateway', 'assistant', 'executor', 'postmortem', 'control-plane', 'lab'] as const
export type Part = (typeof PARTS)[number]
const users = Object.fromEntries(['admin', ...PARTS].map((user) => [user, `the password of ${user}`]))

/** the window of every rate; a minute in the files */
export const WINDOW = '15s'
/** The first measurement begins a whole window after the action; the later ones are for a machine that is slow to recover. */
const VERIFY_AFTER_S = '30,60,120,210,300'

const selected = (matchers = '') => `{service=$service${matchers}}[${WINDOW}]`
const requests = (matchers?: string) => `sum(rate(http_requests_total${selected(matchers)}))`
const failures = `(${requests(',status_code=~"5.."')} or 0 * ${requests()})`
const quantile = (share: number) =>
  `histogram_quantile(${share}, sum by (le) (rate(http_request_duration_seconds_bucket${selected()}))) * 1000`
const MAPPING = {
  indicators: {
    ...{ error_ratio: `${failures} / ${requests()}`, error_rate: failures },
    ...{ latency_p50: quantile(0.5), latency_p95: quantile(0.95), latency_p99: quantile(0.99) },
  },
}

/** Chosen before anything starts, because some servers are told where others will be. */
const PORTS = {
  ...{ gateway: 'gateway:8080', 'control-plane': 'control-plane:8081', lab: 'lab:8083', collector: 'otelcol:8888' },
  health: {
    ...{ gateway: 'gateway:8090', assistant: 'assistant:8091', executor: 'executor:8092' },
    postmortem: 'postmortem:8096',
    ...{ 'control-plane': 'control-plane:8093', lab: 'lab:8095' },
  },
}

const vector = z.object({ data: z.object({ result: z.array(z.object({ metric: z.record(z.string(), z.string()) })) }) })
const read = (path: string) => readFileSync(join(root, 'deploy', path), 'utf8')
type Compose = ReturnType<typeof services>

/** A folder, and the address on this machine for each address in the Compose file. */
async function openPlace() {
  const folder = mkdtempSync(join(tmpdir(), 'sre-cluster-'))
  const ends: (() => Promise<unknown>)[] = [async () => rmSync(folder, { recursive: true })]
  const hosts = new Map<string, string>()
  const { health, ...others } = PORTS
  for (const there of Object.values({
    ...others,
    ...Object.fromEntries(Object.entries(health).map(([part, one]) => [`${part} health`, one])),
  }))
    // prettier-ignore
    hosts.set(there, `127.0.0.1:${await freePort()}`)
  return {
    folder,
    at: (there: string, url: string) => void hosts.set(there, new URL(url).host),
    here: (text: string) => [...hosts].reduce((all, [there, address]) => all.replaceAll(there, address), text),
    portOf: (there: string) => hosts.get(there)?.split(':')[1] ?? '',
    write(name: string, text: string): string {
      writeFileSync(join(folder, name), text)
      return join(folder, name)
    },
    own<T extends { stop(): Promise<unknown> }>(server: T): T {
      ends.push(() => server.stop())
      return server
    },
    stop: async () => {
      for (const end of ends.splice(0).reverse()) await end()
    },
  }
}
type Place = Awaited<ReturnType<typeof openPlace>>

async function startServers({ at, here, portOf, write, own }: Place, compose: Compose) {
  const token = write('alerts-token', compose['alertmanager']?.environment['ALERTS_TOKEN'] ?? '')
  const alerting = here(read('alertmanager/control-plane.yml'))
    .replace('/tmp/alerts-token', token)
    .replace('group_wait: 5s', 'group_wait: 1s')
    .replace('group_interval: 30s', 'group_interval: 1s')
  const [broker, { registryUrl }, keycloak, database, loki, traces, alertmanager] = await Promise.all([
    startSecuredKafka({ users, superUsers: ['admin'] }).then(own),
    kafka(),
    startPrivateKeycloak().then(own),
    createDatabase('cluster'),
    startPrivateLoki({ config: read('loki/loki.yaml') }).then(own),
    zipkin(),
    startAlertmanager(alerting).then(own),
  ])
  own({ stop: () => database.drop() })
  at('keycloak.localhost:8180', keycloak.url)
  at('alertmanager:9093', alertmanager.url)
  at('loki:3100', loki.url)
  at('zipkin:9411', traces.url)
  const rules = read('prometheus/alerts.yml').replaceAll('[1m]', `[${WINDOW}]`).replace('for: 15s', 'for: 8s')
  const config = here(read('prometheus/prometheus.yml'))
    .replace('/etc/prometheus/alerts.yml', write('alerts.yml', rules))
    .replace(/(scrape|evaluation|refresh)_interval: \d+s/g, '$1_interval: 1s')
  const flags = (compose['prometheus']?.command ?? []).filter((flag) => flag.startsWith('--web'))
  const prometheus = own(await startPrometheus({ config, flags }))
  at('prometheus:9090', prometheus.url)
  const metricsPort = Number(portOf(PORTS.collector))
  const collector = own(await startCollector({ config: here(read('otelcol/otelcol.yaml')), metricsPort }))
  at('otelcol:4318', collector.url)
  return { broker, registryUrl, keycloak, database, prometheus, traces }
}

/** The variables that the Compose file gives a service. */
const givenTo = ({ environment }: Compose[string], { here }: Place): Record<string, string> =>
  Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [name, here(value).replace('0.0.0.0', '127.0.0.1')]),
  )

const passwordOf = (person: string) => `${person}${person}`

export async function startCluster() {
  const compose = services({
    ...{ ...parseEnv(generated()), ...secrets },
    ...{ CONTROL_PLANE_URL: 'http://control-plane:8081', ALERTMANAGER_CONFIG: 'control-plane.yml' },
  })
  const place = await openPlace()
  const { folder, portOf, own, stop } = place
  const started = await startServers(place, compose).catch(async (error: unknown) => {
    await stop()
    throw error
  })
  const { broker, registryUrl, keycloak, database, prometheus, traces } = started
  const busOf = (user: string) => ({ ...broker.environmentOf(user), SCHEMA_REGISTRY_URL: registryUrl })
  const mapping = place.write('mapping.yaml', JSON.stringify(MAPPING))
  const ports = { GATEWAY_PORT: portOf(PORTS.gateway), CONTROL_PLANE_PORT: portOf(PORTS['control-plane']), LAB_PORT: portOf(PORTS.lab) } // prettier-ignore

  function environmentOf(part: Part): Record<string, string> {
    const given = givenTo(compose[part]!, place)
    return {
      ...{ ...given, ...ports, HEALTH_PORT: portOf(PORTS.health[part]), DATA_DIR: join(folder, part) },
      ...('KAFKA_BROKERS' in given ? { ...busOf(part), DATABASE_URL: database.url } : {}),
      ...('PROMETHEUS_URL' in given ? { METRICS_MAPPING_FILE: mapping, VERIFY_AFTER_S } : {}),
    }
  }
  async function api(there: string, who: { username: string; clientId?: string; scope?: string }) {
    const enter = () => signIn({ issuer: keycloak.issuer, password: passwordOf(who.username), ...who })
    let tokens = await enter()
    return async (method: string, path: string, body?: unknown) => {
      if (tokens.expiresAt < Date.now() + 30_000) tokens = await enter()
      return client(`http://127.0.0.1:${portOf(there)}`, tokens.accessToken)(method, path, body)
    }
  }
  const ofPeople = { ...givenTo(compose['sre']!, place), DATA_DIR: join(folder, 'people') }

  return {
    ...{ keycloak, traces, stop },
    start: async (part: Part) => own(await serve(part, environmentOf(part))),
    /** a command of whoever may administer the broker and the database */
    administer: (...args: string[]) => runSre(args, { ...busOf('admin'), DATABASE_URL: database.url }),
    addPerson: (name: string, role: string) => keycloak.addPerson(name, [role]),
    /** `sre login` with a browser */
    login: (name: string) => loginOnPage([], ofPeople, { username: name, password: passwordOf(name) }),
    /** a command of the person who is signed in */
    sre: (...args: string[]) => runSre(args, ofPeople),
    /** the API of the control-plane, for a person */
    controlPlane: (name: string) => api(PORTS['control-plane'], { username: name, clientId: 'control-plane-console', scope: 'openid sre-platform:read sre-platform:write' }), // prettier-ignore
    /** the API of the gateway, for a person */
    gateway: (name: string) => api(PORTS.gateway, { username: name }),
    /** labels of the series in Prometheus' answer */
    async metrics(query: string): Promise<Record<string, string>[]> {
      const answer = await fetch(`${prometheus.url}/api/v1/query?${new URLSearchParams({ query })}`)
      return vector.parse(await answer.json()).data.result.map(({ metric }) => metric)
    },
  }
}
