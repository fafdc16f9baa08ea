/** The provider's state: a map; grants and refresh tokens also survive a restart, in one private file. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import type { Adapter, AdapterConstructor, AdapterPayload } from 'oidc-provider'

interface Entry {
  payload: AdapterPayload
  /** ms since the epoch */
  expiresAt: number
}

const durable = /^(Grant|RefreshToken):/
/** Limit for unfinished sign-ins and the like, which anyone can start. */
const passingAtMost = 10_000

/** An adapter for one issuer process over `file` (mode 0600, replaced atomically). Expired entries are dropped when it is written. */
export function createStore(file: string, now: () => number): AdapterConstructor {
  const entries = new Map<string, Entry>(existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [])

  const save = (): void => {
    for (const [key, entry] of entries) if (entry.expiresAt <= now()) entries.delete(key)
    const kept = [...entries].filter(([key]) => durable.test(key))
    writeFileSync(`${file}.new`, JSON.stringify(kept), { mode: 0o600 })
    renameSync(`${file}.new`, file)
  }

  /** The map is in insertion order. */
  function dropOldest(): void {
    if (entries.size <= passingAtMost) return
    const passing = [...entries.keys()].filter((key) => !durable.test(key))
    // a tenth at once, so that not every new entry scans all of them
    for (const key of passing.slice(0, passing.length - passingAtMost * 0.9)) entries.delete(key)
  }

  return class Store implements Adapter {
    readonly #model: string
    constructor(model: string) {
      this.#model = model
    }
    #key(id: string): string {
      return `${this.#model}:${id}`
    }
    async upsert(id: string, payload: AdapterPayload, expiresIn: number): Promise<void> {
      entries.set(this.#key(id), { payload, expiresAt: now() + expiresIn * 1000 })
      dropOldest()
      if (durable.test(this.#key(id))) save()
    }
    async find(id: string): Promise<AdapterPayload | undefined> {
      const entry = entries.get(this.#key(id))
      return entry !== undefined && entry.expiresAt > now() ? entry.payload : undefined
    }
    async findByUid(uid: string): Promise<AdapterPayload | undefined> {
      return [...entries].find(([key, { payload }]) => key.startsWith(`${this.#model}:`) && payload.uid === uid)?.[1]
        .payload
    }
    async findByUserCode(): Promise<undefined> {
      return undefined // no device flow
    }
    async consume(id: string): Promise<void> {
      const entry = entries.get(this.#key(id))
      if (entry === undefined) return
      entry.payload.consumed = Math.floor(now() / 1000)
      if (durable.test(this.#key(id))) save()
    }
    async destroy(id: string): Promise<void> {
      if (entries.delete(this.#key(id)) && durable.test(this.#key(id))) save()
    }
    async revokeByGrantId(grantId: string): Promise<void> {
      for (const [key, { payload }] of entries) if (payload.grantId === grantId) entries.delete(key)
      save()
    }
  }
}
