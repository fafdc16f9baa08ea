import { freePort } from '../free-port.ts'
import type { StartedTestContainer, WaitStrategy } from 'testcontainers'
import type { Instance, Started } from '../server.ts'

/** One container whose server listens on `127.0.0.1:<port>` here and on the same port inside. */
export type Container = {
  image: string
  /** Given the free port that was chosen. */
  environment?: (port: number) => Record<string, string>
  command?: (port: number) => string[]
  entrypoint?: string[]
  /** Shares this machine's network instead of publishing one port. */
  hostNetwork?: boolean
  files?: { content: string; target: string }[]
  /** Commands to run inside, one after the other, once it is ready. */
  afterwards?: string[][]
  /** The port inside; the chosen port itself where left out. */
  inside?: number
  /** The path that answers 200 when the server is ready; where left out the port must answer. */
  readyPath?: string
  /** The line of its log that says it is ready, where an open port does not. */
  readyLine?: RegExp
}

/** True when a container engine answers on this machine. */
export async function dockerAnswers(): Promise<boolean> {
  const { getContainerRuntimeClient } = await import('testcontainers')
  try {
    await getContainerRuntimeClient()
    return true
  } catch {
    return false
  }
}

export async function pullImage(image: string): Promise<void> {
  const { getContainerRuntimeClient, ImageName } = await import('testcontainers')
  const engine = await getContainerRuntimeClient()
  await engine.image.pull(ImageName.fromString(image))
}

async function instanceOf(container: StartedTestContainer, answers: () => Promise<boolean>): Promise<Instance> {
  const { getContainerRuntimeClient } = await import('testcontainers')
  const engine = (await getContainerRuntimeClient()).container.getById(container.getId())
  const running = async () => (await engine.inspect()).State.Running
  return {
    pid: null,
    stop: async () => void ((await running()) && (await engine.stop())),
    kill: async () => void ((await running()) && (await engine.kill())),
    async start() {
      if (await running()) return
      await engine.start()
      const deadline = Date.now() + 60_000
      while (!(await answers().catch(() => false))) {
        if (Date.now() > deadline) throw new Error(`${container.getName()} does not answer after its restart`)
        await new Promise((resolve) => setTimeout(resolve, 200))
      }
    },
    suspend: async () => void (await engine.pause()),
    resume: async () => void (await engine.unpause()),
  }
}

/** Starts a container; the host port stays the same over stop and start, and the engine's reaper ends it with the run. */
export async function startContainer<Address>(
  wanted: Container,
  addressOf: (port: number) => Address,
  answers: (port: number) => Promise<boolean>,
): Promise<Started<Address>> {
  const { GenericContainer, Wait } = await import('testcontainers')
  const port = await freePort()
  const target = wanted.inside ?? port
  const open: WaitStrategy = wanted.readyPath ? Wait.forHttp(wanted.readyPath, target) : Wait.forListeningPorts()
  let container = new GenericContainer(wanted.image)
    .withWaitStrategy(wanted.readyLine ? Wait.forLogMessage(wanted.readyLine) : open)
    .withStartupTimeout(180_000)
  container = wanted.hostNetwork
    ? container.withNetworkMode('host')
    : container.withExposedPorts({ container: target, host: port })
  if (wanted.environment) container = container.withEnvironment(wanted.environment(port))
  if (wanted.entrypoint) container = container.withEntrypoint(wanted.entrypoint)
  if (wanted.command) container = container.withCommand(wanted.command(port))
  if (wanted.files) container = container.withCopyContentToContainer(wanted.files)
  const started = await container.start()
  for (const command of wanted.afterwards ?? []) {
    const { exitCode, output } = await started.exec(command)
    if (exitCode !== 0) throw new Error(`${wanted.image}: ${command[0]}: ${output}`)
  }
  return { address: addressOf(port), instance: await instanceOf(started, () => answers(port)) }
}
