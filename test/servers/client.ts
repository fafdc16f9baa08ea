/** The address of the run's keeper of servers, set by the global set-up and inherited by every worker. */
export const addressVariable = 'TEST_SERVERS'

/** Asks the keeper for a server or for something to happen to one. Throws with the keeper's message. */
export async function ask<Answer>(path: string, options: unknown = null): Promise<Answer> {
  const keeper = process.env[addressVariable]
  if (!keeper) throw new Error('Servers are kept for a test run: start this through vitest')
  const response = await fetch(`${keeper}/${path}`, { method: 'POST', body: JSON.stringify(options) })
  const answer = (await response.json()) as { value: Answer } | { message: string }
  if ('message' in answer) throw new Error(answer.message)
  return answer.value
}

/** A server of one test alone, which may be taken away and given back. */
export type PrivateServer<Address> = Address & {
  /** Of the process on this machine, as it was at the last start; null where a container engine holds it. */
  pid: number | null
  stop(): Promise<void>
  kill(): Promise<void>
  start(): Promise<void>
  suspend(): Promise<void>
  resume(): Promise<void>
}

type Kept<Address> = { id: string; address: Address; pid: number | null }

/** Starts a server of `kind` for the caller alone; it ends with the run at the latest. */
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
