/** The services a control-plane manages, by any manager: the lab's supervisor here, a cluster elsewhere. */
export interface ManagedService {
  name: string
  imageTag: string
  dependsOn: readonly string[]
}

/** `time` in ms since the epoch; latency in ms, ratios 0 to 1. */
export interface Measurement {
  time: number
  service: string
  indicator: string
  value: number
}

export interface ManagedServices {
  services(): readonly ManagedService[]
  /** deployable image tags by service */
  releases: Readonly<Record<string, readonly string[]>>
  /** Resolves when the release serves the traffic. Throws if it could not start; the previous one then still serves. */
  deploy(service: string, imageTag: string): Promise<void>
  /** called with each round of measurements; returns an unsubscribe function */
  onSamples(listener: (round: readonly Measurement[]) => void): () => void
}
