/** What the control-plane manages, whoever runs it: the lab's supervisor here, a cluster elsewhere. */
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
  /** image tags that can be deployed, by service */
  releases: Readonly<Record<string, readonly string[]>>
  /** Returns when the release has the traffic. Throws when it could not start; then the one before still serves. */
  deploy(service: string, imageTag: string): Promise<void>
  /** each round of measurements as it is taken; returns what ends it */
  onSamples(listener: (round: readonly Measurement[]) => void): () => void
}
