/** What a process uses of its machine: memory, processor and, for some services, a volume. Really used here; accounted for in a simulation. */
import { mkdirSync, readdirSync, statSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface Host {
  /** keeps this many bytes until the process ends */
  hold(bytes: number): void
  /** computes for this many ms; the process does nothing else meanwhile */
  compute(ms: number): void
  /** null: the service has none */
  volume: Volume | null
}

/** Stores entries up to its capacity. */
export interface Volume {
  /** bytes */
  used(): number
  entries(): number
  /** Throws an error with the code `ENOSPC`, as a full disk does. */
  write(bytes: number): Promise<void>
  /** deletes all but the newest entries */
  keep(newest: number): Promise<void>
}

/** A process that uses more is killed, as by the kernel. */
export const MEMORY_LIMIT = 256 * 2 ** 20
export const VOLUME_BYTES = 64 * 2 ** 20

export const noSpace = (): Error =>
  Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })

/** `volumeDir`: null for a service without a volume. */
export function realHost(volumeDir: string | null): Host {
  const held: Buffer[] = []
  return {
    hold: (bytes) => void held.push(Buffer.alloc(bytes, 1)),
    compute: (ms) => {
      for (const end = performance.now() + ms; performance.now() < end;);
    },
    volume: volumeDir === null ? null : openVolume(volumeDir),
  }
}

/** A file for each entry, so that a new process finds what the one before it left. */
function openVolume(dir: string): Volume {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const entries = readdirSync(dir)
    .sort()
    // the process before this one may still delete entries
    .map((name) => ({ name, bytes: statSync(join(dir, name), { throwIfNoEntry: false })?.size ?? 0 }))
  let used = entries.reduce((sum, { bytes }) => sum + bytes, 0)
  let written = 0
  return {
    used: () => used,
    entries: () => entries.length,
    write: async (bytes) => {
      if (used + bytes > VOLUME_BYTES) throw noSpace()
      used += bytes
      const name = `${Date.now()}-${String((written += 1)).padStart(6, '0')}`
      await writeFile(join(dir, name), Buffer.alloc(bytes, 32), { mode: 0o600 }).catch((error: unknown) => {
        used -= bytes
        throw error
      })
      entries.push({ name, bytes })
    },
    keep: async (newest) => {
      const old = entries.splice(0, Math.max(0, entries.length - newest))
      used -= old.reduce((sum, { bytes }) => sum + bytes, 0)
      await Promise.all(old.map(({ name }) => rm(join(dir, name), { force: true })))
    },
  }
}
