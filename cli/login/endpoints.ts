/** Endpoints of the platform: from options or environment, or else of the platform running in the data folder. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { openDataDir } from '../../embedded/data-dir.ts'
import { login } from '../texts.ts'
import { CommandError } from './context.ts'
import type { ClientContext } from './context.ts'

const endpoints = z.object({ gateway: z.url(), issuer: z.url() })
export type Endpoints = z.infer<typeof endpoints>

const fileOf = (dataDir: string): string => join(dataDir, 'endpoints.json')

/** Written by a platform after its start, so that commands in other terminals find it. */
export function writeEndpoints(dataDir: string, found: Endpoints): void {
  openDataDir(dataDir)
  writeFileSync(fileOf(dataDir), `${JSON.stringify(found, null, 2)}\n`, { mode: 0o600 })
}

/** Throws a `CommandError` that says what to set if the endpoints are unknown. */
export function findEndpoints(context: ClientContext, options: { gateway?: string; issuer?: string }): Endpoints {
  const { environment, dataDir } = context
  const written = writtenIn(dataDir)
  const named = options.gateway === undefined ? 'SRE_GATEWAY_URL' : '--gateway'
  const gateway = webUrl(named, options.gateway ?? environment.SRE_GATEWAY_URL ?? written?.gateway)
  const issuer = webUrl('OIDC_ISSUER', options.issuer ?? environment.OIDC_ISSUER ?? written?.issuer)
  if (gateway === undefined || issuer === undefined) {
    const needed = [...(gateway === undefined ? [named] : []), ...(issuer === undefined ? ['OIDC_ISSUER'] : [])]
    throw new CommandError(login.noPlatform(dataDir, needed))
  }
  return { gateway: gateway.replace(/\/$/, ''), issuer }
}

/** Validates an optional http(s) URL; the error names the option or variable. */
export function webUrl<Given extends string | undefined>(name: string, given: Given): Given {
  if (given === undefined || z.url({ protocol: /^https?$/ }).safeParse(given).success) return given
  throw new CommandError(login.noUrl(name, given))
}

function writtenIn(dataDir: string): Endpoints | null {
  const file = fileOf(dataDir)
  try {
    return existsSync(file) ? endpoints.parse(JSON.parse(readFileSync(file, 'utf8'))) : null
  } catch (error) {
    throw new CommandError(
      login.notReadable(file, error instanceof z.ZodError ? z.prettifyError(error) : String(error)),
    )
  }
}
