import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { within } from '../../bus/kafka/within.ts'
import { startSre } from './run-sre.ts'

/** Starts a component and waits until it reports that it is running. */
export const serve = (part: string, environment: Record<string, string>) => running(['serve', part], part, environment)

/** The same for any command that says `<part> is running`. */
export async function running(args: readonly string[], part: string, environment: Record<string, string>) {
  // several components of one kind run on this machine at once, so a test that uses the health port must choose one
  const child = startSre(args, { HEALTH_PORT: 'off', ...environment })
  const ended = once(child, 'exit')
  const said: string[] = []
  child.stderr.on('data', (chunk: Buffer) => said.push(String(chunk)))
  const runs = new Promise<void>((resolve) =>
    createInterface({ input: child.stdout }).on('line', (line) => {
      said.push(line)
      if (line.includes(`${part} is running`)) resolve()
    }),
  )
  const died = ended.then(() => Promise.reject(new Error(`${part} ended: ${said.join('\n')}`)))
  await within(120_000, Promise.race([runs, died]), `${part} did not start: ${said.join('\n')}`)
  return {
    said: () => said.join('\n'),
    ended: ended.then(() => child.exitCode),
    async stop(): Promise<number | null> {
      child.kill('SIGTERM')
      await within(60_000, ended, `${part} did not stop within 60 s`)
      return child.exitCode
    },
  }
}
