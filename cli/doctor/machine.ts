/** This machine: the version of Node, and room for DATA_DIR. */
import { existsSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { type Check, ok } from './check.ts'
import { doctor as texts } from './texts.ts'

const WARN_BYTES = 2 ** 30
const FAIL_BYTES = 100 * 2 ** 20

/** The version that the tests run with. */
const OLDEST_NODE = 24

export const nodeCheck = (running = process.versions.node): Check => ({
  id: 'node',
  async look() {
    if (Number.parseInt(running, 10) >= OLDEST_NODE) return ok(texts.node(running))
    return { state: 'failed', says: texts.node(running), todo: texts.installNode(OLDEST_NODE) }
  },
})

export const diskCheck = (dataDir: string): Check => ({
  id: 'disk',
  async look() {
    const { bavail, bsize } = await statfs(nearest(resolve(dataDir)))
    const bytes = bavail * bsize
    const says = texts.disk(dataDir, bytes / 2 ** 30)
    if (bytes >= WARN_BYTES) return ok(says)
    return { state: bytes < FAIL_BYTES ? 'failed' : 'warning', says, todo: texts.freeSpace }
  },
})

/** The folder need not exist yet. */
const nearest = (path: string): string => (existsSync(path) || path === dirname(path) ? path : nearest(dirname(path)))
