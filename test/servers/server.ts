/** What a test needs of one process or container, wherever it runs. Stop, kill and start may follow each other freely. */
export type Instance = {
  /** Of the process on this machine; null where a container engine holds it. */
  readonly pid: number | null
  /** Ends it as an operator would, and waits until it is gone. */
  stop(): Promise<void>
  /** Ends it as a power cut would: SIGKILL. */
  kill(): Promise<void>
  /** Starts it again on the same address with the same data, and waits until it answers. */
  start(): Promise<void>
  /** SIGSTOP: connections stay open and nothing answers. */
  suspend(): Promise<void>
  resume(): Promise<void>
}

export type Started<Address> = { address: Address; instance: Instance }

/** Where a server is put: its own folder (gone after the run) and what the test asked for. */
export type Place<Options> = { folder: string; options: Options }

/** One kind of server and the ways to get it, in the order they are tried: given, Docker, local. */
export type Server<Address, Options = undefined> = {
  title: string
  /** The address from the environment, or undefined where the environment names none. */
  given?(environment: NodeJS.ProcessEnv): Address | undefined
  /** The image that Docker runs. */
  image: string
  docker(place: Place<Options>): Promise<Started<Address>>
  local: {
    /** What this machine lacks, each as one thing to install; empty when all is there. */
    missing(environment: NodeJS.ProcessEnv): Promise<string[]>
    /** True when nothing is left to download or build. */
    prepared(): Promise<boolean>
    /** Downloads or builds into the cache, once. */
    prepare(): Promise<void>
    start(place: Place<Options>): Promise<Started<Address>>
  }
}
