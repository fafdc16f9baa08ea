/** Where the platform is: told by option or environment, else by the platform that runs in the same data folder. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { CommandError } from './context.ts'
import type { ClientContext } from './context.ts'

const endpoints = z.object({ gateway: z.url(), issuer: z.url() })
export type Endpoints = z.infer<typeof endpoints>

const fileOf = (dataDir: string): string => join(dataDir, 'endpoints.json')

/** Told by a platform when it has started, so that a second terminal finds it. */
export function writeEndpoints(dataDir: string, found: Endpoints): void {
  mkdirSync(dataDir, { recursive: true })
  writeFileSync(fileOf(dataDir), `${JSON.stringify(found, null, 2)}\n`)
}

/** Throws a `CommandError` that says what to set when nothing tells. */
export function findEndpoints(context: ClientContext, options: { gateway?: string; issuer?: string }): Endpoints {
  const { environment, dataDir } = context
  const written = existsSync(fileOf(dataDir))
    ? endpoints.parse(JSON.parse(readFileSync(fileOf(dataDir), 'utf8')))
    : null
  const gateway = options.gateway ?? environment.SRE_GATEWAY_URL ?? written?.gateway
  const issuer = options.issuer ?? environment.OIDC_ISSUER ?? written?.issuer
  if (gateway === undefined || issuer === undefined)
    throw new CommandError(
      `no platform is running in ${dataDir}: start one with \`npm start\`, or set SRE_GATEWAY_URL and OIDC_ISSUER`,
    )
  return { gateway: gateway.replace(/\/$/, ''), issuer }
}
