import { readFileSync } from 'node:fs'
import { copyFile, cp, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '../free-port.ts'
import type { Place, Started } from '../server.ts'
import { build, cached } from './cache.ts'
import { startProcess } from './process.ts'
import { findJava } from './toolchain.ts'

const pom = new URL('keycloak/pom.xml', import.meta.url)
const unpacked = join('keycloak', 'keycloak-26.7.3')

/** Build options: a file database and no clustering. */
export const builtWith = ['--db=dev-file', '--cache=local']
/** Start options: plain HTTP, under whatever host name is requested. */
export const startedWith = ['--import-realm', '--http-enabled=true', '--hostname-strict=false']

export const keycloakFiles = cached('keycloak', readFileSync(pom, 'utf8'), async (folder) => {
  await copyFile(pom, join(folder, 'pom.xml'))
  await build(['mvn', '-q', '-B', 'package'], folder)
  const own = { JAVA_HOME: join((await findJava()) ?? '', '../..') }
  // done once here instead of at every start, where it takes half a minute
  await build([join(folder, unpacked, 'bin/kc.sh'), 'build', ...builtWith], folder, own)
})

/** Options of a Keycloak. */
export type KeycloakOptions = {
  /** A realm to import at its first start, as JSON. */
  realm: string
  /** values of the realm's placeholders */
  secrets: Record<string, string>
}

/** Administrator of the realm `master`, a fixed one because the server lives only as long as a test. */
export const administrator = { KC_BOOTSTRAP_ADMIN_USERNAME: 'admin', KC_BOOTSTRAP_ADMIN_PASSWORD: 'admin' }

/** The server's launcher is a shell that waits for the JVM; a test needs the JVM itself to kill it. */
const jvm = (home: string) => [
  ...['-Xms64m', '-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Dkc.config.built=true'],
  ...[`-Dkc.home.dir=${home}`, `-Djboss.server.config.dir=${join(home, 'conf')}`],
  ...['-Djava.util.logging.manager=org.jboss.logmanager.LogManager', '-Dpicocli.disable.closures=true'],
  '-Djava.util.concurrent.ForkJoinPool.common.threadFactory=io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory',
  ...['java.util', 'java.util.concurrent', 'java.security', 'java.lang'].map(
    (name) => `--add-opens=java.base/${name}=ALL-UNNAMED`,
  ),
  ...['-cp', join(home, 'lib', 'quarkus-run.jar'), 'io.quarkus.bootstrap.runner.QuarkusEntryPoint'],
]

/** Keycloak on free loopback ports, its realms and keys in `folder`. */
export async function startKeycloak({
  folder,
  options: { realm, secrets },
}: Place<KeycloakOptions>): Promise<Started<{ url: string }>> {
  const home = join(folder, 'keycloak')
  await cp(join(keycloakFiles.folder, unpacked), home, { recursive: true })
  await mkdir(join(home, 'data', 'import'), { recursive: true })
  await writeFile(join(home, 'data', 'import', 'realm.json'), realm)
  const [port, management] = [await freePort(), await freePort()]
  const url = `http://127.0.0.1:${port}`
  const instance = await startProcess({
    title: 'Keycloak',
    command: (await findJava()) ?? 'java',
    args: [
      ...jvm(home),
      ...['start', '--optimized', ...startedWith, '--http-host=127.0.0.1', `--http-port=${port}`],
      `--http-management-port=${management}`,
    ],
    env: { ...administrator, ...secrets },
    cwd: folder,
    log: join(folder, 'keycloak.log'),
    ready: async () => (await fetch(`${url}/realms/master`)).ok,
  })
  return { address: { url }, instance }
}
