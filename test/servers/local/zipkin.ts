import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { copyFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '../free-port.ts'
import type { Place, Started } from '../server.ts'
import { build, cached } from './cache.ts'
import { startProcess } from './process.ts'
import { findJava } from './toolchain.ts'

const pom = new URL('zipkin/pom.xml', import.meta.url)
/** Checksum of the jar named in the pom. */
const sha256 = '7ac633a6832647e71e50012a5e3e91fbc7054414955261724526030faf271d8d'

export const zipkinJar = cached('zipkin', readFileSync(pom, 'utf8'), async (folder) => {
  await copyFile(pom, join(folder, 'pom.xml'))
  await build(['mvn', '-q', '-B', 'package'], folder)
  const sum = createHash('sha256')
    .update(await readFile(join(folder, 'zipkin.jar')))
    .digest('hex')
  if (sum !== sha256) throw new Error(`The jar of Zipkin has the checksum ${sum} instead of ${sha256}`)
})

/** Zipkin on a free loopback port, with spans in memory only. */
export async function startZipkin({ folder }: Place<undefined>): Promise<Started<{ url: string }>> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const settings = {
    'armeria.ports[0].ip': '127.0.0.1',
    'armeria.ports[0].port': port,
    'armeria.ports[0].protocols[0]': 'http',
    'zipkin.storage.type': 'mem',
  }
  const instance = await startProcess({
    title: 'Zipkin',
    command: (await findJava()) ?? 'java',
    args: [
      ...['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'],
      ...['-jar', join(zipkinJar.folder, 'zipkin.jar')],
      ...Object.entries(settings).map(([key, value]) => `--${key}=${value}`),
    ],
    cwd: folder,
    log: join(folder, 'zipkin.log'),
    ready: async () => (await fetch(`${url}/health`)).ok,
  })
  return { address: { url }, instance }
}
