import type { Command } from 'commander'
import { decodeJwt } from 'jose'
import { z } from 'zod'
import { platformScopes } from '../../embedded/issuer/access.ts'
import { signIn, SignInRefusedError } from '../../embedded/issuer/sign-in.ts'
import { signInWithBrowser } from './browser.ts'
import { CommandError } from './context.ts'
import type { ClientContext } from './context.ts'
import { login as texts } from '../texts.ts'
import { findEndpoints, webUrl } from './endpoints.ts'
import { issuerOfPeople, revoke, tokensOf } from './issuer-client.ts'
import { reasonOf } from './reason.ts'
import { forgetTokens, writeTokens } from './token-store.ts'
import type { Tokens } from './token-store.ts'
import { helpNote } from '../language.ts'

interface LoginOptions {
  issuer?: string
  username?: string
  passwordStdin?: boolean
  scope: string
  json?: boolean
}

const allScopes = ['openid', 'offline_access', ...platformScopes].join(' ')

/** `sre login` and `sre logout`. */
export function addLogin(program: Command, context: ClientContext): void {
  program
    .command('login')
    .description('sign in with the browser (authorization code with PKCE)')
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
  const tokens =
    options.username === undefined
      ? await inBrowser(context, issuer, options.scope)
      : await byForm(context, issuer, { username: options.username, scope: options.scope })
  writeTokens(context.dataDir, issuer, tokens)
  const who = z
    .object({ sub: z.string(), realm_access: z.object({ roles: z.array(z.string()) }).optional() })
    .parse(decodeJwt(tokens.accessToken))
  const roles = who.realm_access?.roles ?? []
  if (options.json) context.print(JSON.stringify({ issuer, subject: who.sub, roles }))
  else context.print(texts.signedIn(who.sub, roles)[context.language])
}

/** What is kept here goes in any case; a grant that could not be taken back ends by itself, and that is said. */
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

async function inBrowser(context: ClientContext, issuer: string, scope: string): Promise<Tokens> {
  const config = await issuerOfPeople(issuer)
  const show = (url: string, here: string): void =>
    [texts.open(here)[context.language], '', `  ${url}`, ''].forEach(context.note)
  const answer = await signInWithBrowser({ config, scope, show, timeoutMs: 300_000 })
  return tokensOf(answer, context.now())
}

async function byForm(
  context: ClientContext,
  issuer: string,
  person: { username: string; scope: string },
): Promise<Tokens> {
  const password = (await context.readStdin()).replace(/\r?\n$/, '')
  if (password === '') throw new CommandError(texts.noPassword)
  try {
    return await signIn({ issuer, password, language: context.language, ...person })
  } catch (error) {
    const why = error instanceof SignInRefusedError ? texts.refused(person.username, error.said) : reasonOf(error)
    throw new CommandError(why, { cause: error })
  }
}
