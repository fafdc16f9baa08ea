import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { avroClient, avroClientPython, avroClientScript } from './local/avro-client.ts'

const run = promisify(execFile)

/** Reading a session takes seconds. */
const READ_LIMIT_MS = 90_000

/** A record as read by an independent client. */
export type ReadRecord = {
  topic: string
  partition: number
  offset: number
  key: string | null
  headers: Record<string, string>
  value: Record<string, unknown> | null
}

/** Every record of the topics, read by Confluent's Python client; throws if it cannot read one. */
export async function readWithConfluentClient(
  { brokers, registryUrl }: { brokers: string[]; registryUrl: string },
  topics: string[],
): Promise<ReadRecord[]> {
  if (!(await avroClient.prepared()))
    throw new Error('The independent Avro client is not in the cache yet. Run `npm run test:servers` once.')
  const args = [avroClientScript, brokers.join(','), registryUrl, ...topics]
  const { stdout } = await run(avroClientPython(), args, { maxBuffer: 256 * 1024 * 1024, timeout: READ_LIMIT_MS })
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ReadRecord)
}

/** Produces these values to partition 0, compressed by Confluent's Python client. */
export async function writeWithConfluentClient(
  brokers: readonly string[],
  {
    topic,
    key,
    codec,
    values,
  }: { topic: string; key: string; codec: 'gzip' | 'snappy' | 'lz4' | 'zstd'; values: readonly Buffer[] },
): Promise<void> {
  const script = join(avroClientScript, '../write.py')
  const written = run(avroClientPython(), [script, brokers.join(','), topic, key, codec], { timeout: READ_LIMIT_MS })
  written.child.stdin?.end(values.map((value) => `${value.toString('base64')}\n`).join(''))
  await written
}
