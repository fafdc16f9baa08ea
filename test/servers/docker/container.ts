import { freePort } from '../free-port.ts'
import type { StartedTestContainer, WaitStrategy } from 'testcontainers'
import type { Instance, Started } from '../server.ts'

/** A container whose server listens on the same port on `127.0.0.1` and inside. */
export type Container = {
  image: string
  /** Environment for the chosen port. */
  environment?: (port: number) => Record<string, string>
  command?: (port: number) => string[]
  entrypoint?: string[]
  /** Uses the host's network instead of publishing a port. */
  hostNetwork?: boolean
  files?: { content: string; target: string }[]
  /** Commands to run inside, one after the other, once it is ready. */
  afterwards?: string[][]
  /** Port inside the container; default: the chosen port. */
  inside?: number
  /** Path that returns 200 when the server is ready; default: wait for the port. */
  readyPath?: string
  /** Log line that marks readiness, if an open port does not. */
  readyLine?: RegExp
}

/** Whether a container engine is available. */
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

/** Starts a container. Its host port stays the same over stop and start; the engine's reaper removes it after the run. */
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
