import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { askPrivate } from './client.ts'
import type { PrivateServer } from './client.ts'

const file = join(import.meta.dirname, '../../deploy/chroma/config.yaml')

/** A private, empty Chroma with the configuration that the project ships. */
export const startPrivateChroma = (): Promise<PrivateServer<{ url: string }>> =>
  askPrivate('chroma', { config: readFileSync(file, 'utf8') })
