/** `docker-compose.kafka.yml` as Compose reads it, without Compose. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { parse } from 'yaml'
import { z } from 'zod'

export const root = join(import.meta.dirname, '../..')
export const file = join(root, 'docker-compose.kafka.yml')

const service = z.looseObject({
  build: z.string().optional(),
  image: z.string(),
  entrypoint: z.array(z.string()).optional(),
  command: z.array(z.string()).default([]),
  profiles: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string()).default({}),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  healthcheck: z.object({ test: z.array(z.string()) }).optional(),
  cap_drop: z.array(z.string()),
  security_opt: z.array(z.string()),
  read_only: z.boolean().default(false),
  restart: z.string().optional(),
  deploy: z
    .object({ resources: z.object({ limits: z.looseObject({ memory: z.string(), cpus: z.string() }) }) })
    .optional(),
})
export type Service = z.infer<typeof service>

/** What `sh deploy/make-env.sh > .env` writes. */
export const generated = (): string => execFileSync('sh', [join(root, 'deploy/make-env.sh')], { encoding: 'utf8' })

const REFERENCE = /\$\$|\$\{(\w+)(?:(:[-?])([^}]*))?\}/g

/** Every variable that the file asks its reader for, and whether it must be given. */
export const asked = (): Map<string, boolean> =>
  new Map(
    [...readFileSync(file, 'utf8').matchAll(REFERENCE)].flatMap(([, name, kind]) =>
      name === undefined ? [] : [[name, kind === ':?']],
    ),
  )

const interpolated = (text: string, given: Record<string, string | undefined>): string =>
  text.replace(REFERENCE, (_all, name: string | undefined, kind: string | undefined, rest = '') => {
    if (name === undefined) return '$'
    if (given[name]) return given[name]
    if (kind === ':?') throw new Error(`${name} is required`)
    return kind === ':-' ? rest : ''
  })

/** The whole document, its anchors and variables resolved. */
export const document = (given: Record<string, string | undefined> = parseEnv(generated())): unknown =>
  parse(
    readFileSync(file, 'utf8'),
    (_key, value: unknown) => (typeof value === 'string' ? interpolated(value, given) : value),
    { merge: true },
  )

export const services = (given?: Record<string, string | undefined>): Record<string, Service> =>
  z.object({ services: z.record(z.string(), service) }).parse(document(given)).services
