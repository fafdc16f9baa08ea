/** Notifies watchers of a session when an event of it was folded, by this replica or another. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import type { Logger } from 'pino'
import { sessionsChannel } from './fold.ts'

export interface SessionWatcher {
  /** resolves when something was folded since the last call, after `ms`, or when `signal` aborts */
  changed(ms: number, signal: AbortSignal): Promise<void>
  close(): void
}

export interface SessionWatch {
  /** call it before reading, so that nothing folded in between is missed */
  watch(sessionId: string): SessionWatcher
  close(): Promise<void>
}

/** Listens on one connection; if it is lost, wakes all watchers and reconnects every second. */
export function watchSessions(options: { databaseUrl: string; log: Logger }): SessionWatch {
  const { databaseUrl, log } = options
  const watchers = new Map<string, Set<() => void>>()
  const closing = new AbortController()
  const listening = keepListening()

  async function keepListening(): Promise<void> {
    while (!closing.signal.aborted) {
      await listen().catch((error: unknown) => log.warn({ err: error }, 'cannot listen for session updates'))
      await sleep(1000, undefined, { signal: closing.signal }).catch(() => undefined)
    }
  }

  async function listen(): Promise<void> {
    const client = new Client({ connectionString: databaseUrl })
    const ended = new Promise<void>((resolve) => {
      client.on('error', () => resolve())
      client.on('end', () => resolve())
      closing.signal.addEventListener('abort', () => resolve(), { once: true })
    })
    client.on('notification', ({ payload }) => payload?.split(',').forEach(wake))
    try {
      await client.connect()
      await client.query(`LISTEN ${sessionsChannel}`)
      for (const sessionId of watchers.keys()) wake(sessionId)
      await ended
    } finally {
      await client.end().catch(() => undefined)
    }
  }

  const wake = (sessionId: string): void => watchers.get(sessionId)?.forEach((tell) => tell())

  return {
    watch(sessionId) {
      let dirty = false
      let resume: (() => void) | undefined
      const tell = (): void => {
        dirty = true
        resume?.()
      }
      const all = watchers.get(sessionId) ?? new Set()
      watchers.set(sessionId, all.add(tell))
      return {
        async changed(ms, signal) {
          const stop = new AbortController()
          const told = new Promise<void>((resolve) => (resume = resolve))
          const until = AbortSignal.any([signal, stop.signal])
          if (!dirty) await Promise.race([told, sleep(ms, undefined, { signal: until }).catch(() => undefined)])
          stop.abort()
          dirty = false
        },
        close() {
          all.delete(tell)
          if (all.size === 0 && watchers.get(sessionId) === all) watchers.delete(sessionId)
        },
      }
    },
    async close() {
      closing.abort()
      await listening
    },
  }
}
