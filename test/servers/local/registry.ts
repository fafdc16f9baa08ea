import { readFileSync } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import getPort from 'get-port'
import type { Place, Started } from '../server.ts'
import { build, cached } from './cache.ts'
import { startProcess } from './process.ts'
import { findJava } from './toolchain.ts'

const pom = new URL('registry/pom.xml', import.meta.url)

export const registryJars = cached('registry', readFileSync(pom, 'utf8'), async (folder) => {
  await copyFile(pom, join(folder, 'pom.xml'))
  await build(['mvn', '-q', '-B', 'package'], folder)
})

/** Path of its Confluent-compatible API. */
export const compatiblePath = '/apis/ccompat/v7'

/** Apicurio's registry on free loopback ports, its database in `folder`. */
export async function startRegistry({ folder }: Place<undefined>): Promise<Started<{ url: string }>> {
  const [port, management] = [await getPort({ host: '127.0.0.1' }), await getPort({ host: '127.0.0.1' })]
  const url = `http://127.0.0.1:${port}${compatiblePath}`
  const settings = {
    'quarkus.http.host': '127.0.0.1',
    'quarkus.http.port': port,
    'quarkus.management.host': '127.0.0.1',
    'quarkus.management.port': management,
    'apicurio.storage.kind': 'sql',
    'apicurio.storage.sql.kind': 'h2',
    'apicurio.datasource.url': `jdbc:h2:file:${join(folder, 'registry')}`,
  }
  const instance = await startProcess({
    title: 'The schema registry',
    command: (await findJava()) ?? 'java',
    args: [
      ...['-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'],
      ...Object.entries(settings).map(([key, value]) => `-D${key}=${value}`),
      ...['-jar', join(registryJars.folder, 'registry', 'quarkus-run.jar')],
    ],
    log: join(folder, 'registry.log'),
    ready: async () => (await fetch(`${url}/subjects`)).ok,
  })
  return { address: { url }, instance }
}
