/**
 * Runs a command with a broker, a registry, and a Prometheus and a Loki that watch fifty generated services: KAFKA_BROKERS, SCHEMA_REGISTRY_URL,
 * PROMETHEUS_URL, LOKI_URL, and in SERVER_PIDS `name=pid`, comma separated, of those that are processes of this machine.
 * `node test/servers/with-live.ts COMMAND…`
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { kafka, startPrivateKafka } from './kafka.ts'
import setup from './setup.ts'
import { watchServices } from './watched-services.ts'

const [command, ...args] = process.argv.slice(2)
if (command === undefined) throw new Error('which command?')
const tearDown = await setup()
const { registryUrl } = await kafka()
const broker = await startPrivateKafka()
const watched = await watchServices()
const { prometheus, loki } = watched
const pids = Object.entries({ kafka: broker.pid, prometheus: prometheus.pid, loki: loki.pid })
const child = spawn(command, args, {
  stdio: 'inherit',
  env: {
    ...process.env,
    ...{ KAFKA_BROKERS: broker.brokers.join(','), SCHEMA_REGISTRY_URL: registryUrl },
    ...{ PROMETHEUS_URL: prometheus.url, LOKI_URL: loki.url },
    SERVER_PIDS: pids.flatMap(([name, pid]) => (pid === null ? [] : [`${name}=${pid}`])).join(','),
  },
})
const [code] = (await once(child, 'exit')) as [number | null]
await watched.close()
await tearDown()
process.exit(code ?? 1)
