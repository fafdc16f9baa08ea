/** The services a control-plane manages, by any manager: the lab's supervisor here, a cluster elsewhere. */
export interface ManagedService {
  name: string
  imageTag: string
  replicas: number
  /** when its oldest process started, ms since the epoch */
  startedAt: number
  dependsOn: readonly string[]
}

/** `time` in ms since the epoch; latency in ms, ratios 0 to 1. */
export interface Measurement {
  time: number
  service: string
  indicator: string
  value: number
}

/** A change that somebody else made, as its pipeline reports it. */
export interface ToldChange {
  id: string
  service: string
  /** when its effects began, ms since the epoch */
  at: number
  type: string
  summary: string
  before: unknown
  after: unknown
}

export interface ManagedServices {
  services(): readonly ManagedService[]
  /** deployable image tags by service */
  releases: Readonly<Record<string, readonly string[]>>
  /** Resolves when the release serves the traffic. Throws if it could not start; the previous one then still serves. */
  deploy(service: string, imageTag: string): Promise<void>
  /** Resolves when new processes of the same release serve the traffic. Throws if they could not start; the previous ones then still serve. */
  restart(service: string): Promise<void>
  /** most replicas a service may have */
  mostReplicas: number
  scale(service: string, replicas: number): Promise<void>
  /** maintenance scripts by name: the service each is for, and its parameters, whole numbers within bounds */
  scripts: Readonly<
    Record<string, { service: string; parameters: Readonly<Record<string, { min: number; max: number }>> }>
  >
  /** Resolves to what it printed. Throws if it failed. */
  runScript(name: string, parameters: Readonly<Record<string, string>>): Promise<string>
  /** called with each round of measurements; returns an unsubscribe function */
  onSamples(listener: (round: readonly Measurement[]) => void): () => void
  /** called with each change that was not made here, perhaps again after a lost connection; returns an unsubscribe function. Absent: nobody else makes any */
  onChange?(listener: (change: ToldChange) => void): () => void
}
