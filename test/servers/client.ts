/** Address of the test run's server keeper, set by the global set-up and inherited by every worker. */
export const addressVariable = 'TEST_SERVERS'

/** Asks the keeper to start, stop or change a server. Throws the keeper's error. */
export async function ask<Answer>(path: string, options: unknown = null): Promise<Answer> {
  const keeper = process.env[addressVariable]
  if (!keeper) throw new Error('Servers are kept for a test run: start this through vitest')
  const response = await fetch(`${keeper}/${path}`, { method: 'POST', body: JSON.stringify(options) })
  const answer = (await response.json()) as { value: Answer } | { message: string }
  if ('message' in answer) throw new Error(answer.message)
  return answer.value
}

/** A server for one test only, which it may stop and start. */
export type PrivateServer<Address> = Address & {
  /** Pid of the local process, as of the last start; null in a container. */
  pid: number | null
  stop(): Promise<void>
  kill(): Promise<void>
  start(): Promise<void>
  suspend(): Promise<void>
  resume(): Promise<void>
}

type Kept<Address> = { id: string; address: Address; pid: number | null }

/** Starts a server of `kind` for the caller only; it ends with the test run at the latest. */
export async function askPrivate<Address extends object>(
  kind: string,
  options: unknown = null,
): Promise<PrivateServer<Address>> {
  const { id, address, pid } = await ask<Kept<Address>>(`private/${kind}`, options)
  const tell = async (verb: string) => {
    server.pid = await ask<number | null>(`instances/${id}/${verb}`)
  }
  const server: PrivateServer<Address> = {
    ...address,
    pid,
    stop: () => tell('stop'),
    kill: () => tell('kill'),
    start: () => tell('start'),
    suspend: () => tell('suspend'),
    resume: () => tell('resume'),
  }
  return server
}
