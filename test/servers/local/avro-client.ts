import { readFileSync } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build, cached } from './cache.ts'

const requirements = new URL('avro-client/requirements.txt', import.meta.url)

/** A Python with Confluent's Kafka and Avro client, as an independent reader. */
export const avroClient = cached('avro-client', readFileSync(requirements, 'utf8'), async (folder) => {
  await copyFile(requirements, join(folder, 'requirements.txt'))
  await build(['python3', '-m', 'venv', '.'], folder)
  await build([join(folder, 'bin', 'python'), '-m', 'pip', 'install', '-q', '-r', 'requirements.txt'], folder)
})

export const avroClientPython = (): string => join(avroClient.folder, 'bin', 'python')
export const avroClientScript = new URL('avro-client/read.py', import.meta.url).pathname
