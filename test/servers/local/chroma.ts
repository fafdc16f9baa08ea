import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../free-port.ts'
import type { Place, Started } from '../server.ts'
import { startProcess } from './process.ts'

const cli = join(import.meta.dirname, '../../../node_modules/chromadb/dist/cli.mjs')

/** `config`: the server's YAML, whose address, port and folder are replaced. */
export interface ChromaOptions {
  config: string
}

/** The server of the npm package `chromadb`, on a free loopback port, with data in its own folder. */
export async function startChroma({
  folder,
  options: { config },
}: Place<ChromaOptions>): Promise<Started<{ url: string }>> {
  // prettier-ignore
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const data = join(folder, 'data')
  mkdirSync(data, { recursive: true })
  const file = join(folder, 'config.yaml')
  const here = config
    .replace(/^persist_path: .*$/m, `persist_path: ${data}`)
    .replace(/^listen_address: .*$/m, 'listen_address: 127.0.0.1')
    .replace(/^port: .*$/m, `port: ${port}`)
  writeFileSync(file, here)
  const instance = await startProcess({
    title: 'Chroma',
    command: process.execPath,
    args: [cli, 'run', file],
    cwd: folder,
    log: join(folder, 'chroma.log'),
    ready: async () => (await fetch(`${url}/api/v2/heartbeat`)).ok,
  })
  return { address: { url }, instance }
}
