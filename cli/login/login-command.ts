import type { Command } from 'commander'
import { decodeJwt } from 'jose'
import { z } from 'zod'
import { signIn, SignInRefusedError } from '../../embedded/issuer/sign-in.ts'
import { signInWithBrowser } from './browser.ts'
import { CommandError } from './context.ts'
import type { ClientContext } from './context.ts'
import { signInWithDevice } from './device.ts'
import { login as texts } from '../texts.ts'
import { findEndpoints, webUrl } from './endpoints.ts'
import { issuerOfPeople, revoke, tokensOf } from './issuer-client.ts'
import { reasonOf } from './reason.ts'
import { allScopes, refusalOf, withScopes } from './scopes.ts'
import { forgetTokens, writeTokens } from './token-store.ts'
import type { Tokens } from './token-store.ts'
import { helpNote } from '../language.ts'

/** Keycloak's own roles, which every person of a realm has. */
const EVERYBODYS = /^(default-roles-.*|offline_access|uma_authorization)$/

interface LoginOptions {
  issuer?: string
  username?: string
  passwordStdin?: boolean
  device?: boolean
  scope: string
  json?: boolean
}

/** `sre login` and `sre logout`. */
export function addLogin(program: Command, context: ClientContext): void {
  program
    .command('login')
    .description('sign in with the browser (authorization code with PKCE)')
    .option('--device', 'print a URL to sign in with a browser on another device')
    .option(
      '--issuer <url>',
      'identity provider (default: OIDC_ISSUER, else the one of the platform running in DATA_DIR)',
    )
    .option('--username <name>', 'sign in as this person without a browser')
    .option('--password-stdin', 'with --username: read the password from standard input')
    .option('--scope <scopes>', 'scopes to request, separated by spaces', allScopes)
    .option('--json', 'print JSON instead of text')
    .addHelpText('after', helpNote(context, 'The people of an embedded platform are in <DATA_DIR>/people.json.'))
    .action((options: LoginOptions) => login(context, options))
  program
    .command('logout')
    .description('sign out and revoke the token')
    .action(() => logout(context))
}

async function login(context: ClientContext, options: LoginOptions): Promise<void> {
  if ((options.username === undefined) === (options.passwordStdin === true)) throw new CommandError(texts.together)
  const issuer = webUrl(
    '--issuer',
    options.issuer ?? context.environment.OIDC_ISSUER ?? findEndpoints(context, {}).issuer,
  )
  const { username, scope } = options
  if (username !== undefined && options.device === true) throw new CommandError(texts.deviceAlone)
  const way = options.device === true ? onDevice : inBrowser
  const attempt = username === undefined ? await way(context, issuer) : await byForm(context, issuer, username)
  const tokens = await withScopes(scope, attempt, (left, { error }) =>
    context.note(texts.without(left, error)[context.language]),
  ).catch((error: unknown) => {
    throw inTheirWords(issuer, error)
  })
  writeTokens(context.dataDir, issuer, tokens)
  const who = z
    .object({
      sub: z.string(),
      preferred_username: z.string().optional(),
      realm_access: z.object({ roles: z.array(z.string()) }).optional(),
    })
    .parse(decodeJwt(tokens.accessToken))
  const roles = who.realm_access?.roles.filter((role) => !EVERYBODYS.test(role)) ?? []
  const name = who.preferred_username ?? who.sub
  if (options.json) context.print(JSON.stringify({ issuer, subject: who.sub, name, roles }))
  else context.print(texts.signedIn(name, roles)[context.language])
}

/** Local tokens are deleted in any case; if the token cannot be revoked, the user is told that it expires by itself. */
async function logout(context: ClientContext): Promise<void> {
  const signedIn = forgetTokens(context.dataDir)
  for (const [issuer, { refreshToken }] of Object.entries(signedIn)) {
    if (refreshToken === null) continue
    await revoke(issuer, refreshToken).catch((error: unknown) =>
      context.note(texts.notTakenBack(issuer, reasonOf(error))[context.language]),
    )
  }
  context.note(texts.signedOut[context.language])
}

type Attempt = (scope: string) => Promise<Tokens>

async function inBrowser(context: ClientContext, issuer: string): Promise<Attempt> {
  const config = await issuerOfPeople(issuer)
  const show = (url: string, here: string): void =>
    [texts.open(here)[context.language], '', `  ${url}`, ''].forEach(context.note)
  return async (scope) => tokensOf(await signInWithBrowser({ config, scope, show, timeoutMs: 300_000 }), context.now())
}

async function onDevice(context: ClientContext, issuer: string): Promise<Attempt> {
  const config = await issuerOfPeople(issuer)
  const show = (url: string, code: string): void =>
    [texts.openElsewhere[context.language], '', `  ${url}`, `  ${code}`, ''].forEach(context.note)
  return async (scope) => tokensOf(await signInWithDevice({ config, scope, show }), context.now())
}

async function byForm(context: ClientContext, issuer: string, username: string): Promise<Attempt> {
  const password = (await context.readStdin()).replace(/\r?\n$/, '')
  if (password === '') throw new CommandError(texts.noPassword)
  return async (scope) => {
    try {
      return await signIn({ issuer, username, password, scope, language: context.language })
    } catch (error) {
      if (error instanceof SignInRefusedError)
        throw new CommandError(texts.refused(username, error.said), { cause: error })
      throw error
    }
  }
}

/** The identity provider's own words if it gave any, else why the sign-in failed. */
function inTheirWords(issuer: string, error: unknown): CommandError {
  if (error instanceof CommandError) return error
  const refusal = refusalOf(error)
  const said = refusal === null ? reasonOf(error) : [refusal.error, refusal.description].filter(Boolean).join(': ')
  return new CommandError(texts.notSignedIn(issuer, said), { cause: error })
}
