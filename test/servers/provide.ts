import { dockerAnswers } from './docker/container.ts'
import { kinds } from './kinds.ts'
import { lacking } from './local/toolchain.ts'
import type { Place, Server, Started } from './server.ts'

let docker: Promise<boolean> | undefined
/** Checked once per process, because probing for an engine takes a moment. */
export const hasDocker = (): Promise<boolean> => (docker ??= dockerAnswers())

/** Everything this machine lacks for the tests, for one message. */
export async function missing(environment: NodeJS.ProcessEnv, docker: boolean): Promise<string[]> {
  const servers = docker ? [] : Object.values(kinds).filter((server) => !server.given?.(environment))
  const wanted = [
    ...servers.map(({ title, local }) => ({ title, lacks: local.missing(environment) })),
    { title: 'the independent Avro client', lacks: lacking(environment, 'python') },
    { title: 'the pages', lacks: lacking(environment, 'chromium') },
  ]
  const found = await Promise.all(
    wanted.map(async ({ title, lacks }) => (await lacks).map((what) => ({ what, title }))),
  )
  const titles = Map.groupBy(found.flat(), ({ what }) => what)
  return [...titles].map(([what, needs]) => `${what} (for ${needs.map(({ title }) => title).join(', ')})`)
}

/** The message about a machine that cannot run the servers. */
export const missingMessage = (lacks: string[]): string =>
  [
    'The tests need real servers, and this machine cannot provide them all. It lacks:',
    ...lacks.map((what) => `  - ${what}`),
    'Install these, or start Docker for the servers, or give the servers by URL: docs/reference/testing.md names the variables.',
  ].join('\n')

/** Starts a server: in Docker if available, else locally. */
export async function provide<Address, Options>(
  server: Server<Address, Options>,
  place: Place<Options>,
): Promise<Started<Address>> {
  if (await hasDocker()) return server.docker(place)
  if ((await server.local.missing(process.env)).length > 0)
    throw new Error(missingMessage(await missing(process.env, false)))
  if (!(await server.local.prepared()))
    throw new Error(
      `${server.title} is not in the cache yet. Run \`npm run test:servers\` once: it fetches and builds.`,
    )
  return server.local.start(place)
}
