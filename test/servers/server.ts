/** Handle of one process or container. Stop, kill and start may follow each other in any order. */
export type Instance = {
  /** Pid of the local process; null in a container. */
  readonly pid: number | null
  /** Graceful stop; waits until it is gone. */
  stop(): Promise<void>
  /** SIGKILL, like a power cut. */
  kill(): Promise<void>
  /** Starts it again on the same address with the same data, and waits until it answers. */
  start(): Promise<void>
  /** SIGSTOP: connections stay open and nothing answers. */
  suspend(): Promise<void>
  resume(): Promise<void>
}

export type Started<Address> = { address: Address; instance: Instance }

/** A server's own folder (deleted after the run) and the test's options. */
export type Place<Options> = { folder: string; options: Options }

/** One kind of server and the ways to get it, in order of preference: given by URL, Docker, local. */
export type Server<Address, Options = undefined> = {
  title: string
  /** Address from the environment; undefined if it has none. */
  given?(environment: NodeJS.ProcessEnv): Address | undefined
  /** Docker image. */
  image: string
  docker(place: Place<Options>): Promise<Started<Address>>
  local: {
    /** What this machine lacks, one item each; empty: nothing. */
    missing(environment: NodeJS.ProcessEnv): Promise<string[]>
    /** Whether everything is downloaded and built. */
    prepared(): Promise<boolean>
    /** Downloads or builds into the cache, once. */
    prepare(): Promise<void>
    start(place: Place<Options>): Promise<Started<Address>>
  }
}
