/** Runs a command with KAFKA_BROKERS and SCHEMA_REGISTRY_URL of a newly started broker and registry: `node test/servers/with-kafka.ts COMMAND…` */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { kafka } from './kafka.ts'
import setup from './setup.ts'

const [command, ...args] = process.argv.slice(2)
if (command === undefined) throw new Error('which command?')
const tearDown = await setup()
const { brokers, registryUrl } = await kafka()
const child = spawn(command, args, {
  stdio: 'inherit',
  env: { ...process.env, KAFKA_BROKERS: brokers.join(','), SCHEMA_REGISTRY_URL: registryUrl },
})
const [code] = (await once(child, 'exit')) as [number | null]
await tearDown()
process.exit(code ?? 1)
