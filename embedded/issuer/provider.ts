import { Provider, errors, interactionPolicy } from 'oidc-provider'
import type { AdapterConstructor, Configuration, KoaContextWithOIDC } from 'oidc-provider'
import { audienceNamed, audiences, consoleClient, machines, platformScopes, scopesOf } from './access.ts'
import type { IssuerState, Person } from './state.ts'

/** RFC 9068 JWT access tokens, RS256, 300 s; refresh tokens last a working day. Times are seconds. */
const lifetimes = {
  AccessToken: 300,
  ClientCredentials: 300,
  IdToken: 300,
  RefreshToken: 43_200,
  Grant: 43_200,
  Session: 600,
  AuthorizationCode: 60,
  Interaction: 600,
}
const loopback = ['http://127.0.0.1/callback', 'http://127.0.0.1/console/callback']

/** A certified OIDC provider on the given state. */
export function createProvider(issuer: string, options: ProviderOptions): Provider {
  const provider = new Provider(issuer, configuration(options))
  // browsers send cookies to every port of a host, so cookies must hold nothing another listener could use
  provider.on('authorization.success', ({ oidc }) => void Object.assign(oidc.session ?? {}, { destroyed: true }))
  return provider
}

interface ProviderOptions {
  state: IssuerState
  people: ReadonlyMap<string, Person>
  store: AdapterConstructor
}

function configuration({ state, people, store }: ProviderOptions): Configuration {
  const policy = interactionPolicy.base()
  policy.get('login')?.checks.add(signedInJustNow)
  return {
    adapter: store,
    jwks: state.jwks,
    cookies: { keys: state.cookie_keys },
    clients: [...Object.entries(state.clients).map(machineClient), personClient],
    scopes: ['openid', 'offline_access', ...platformScopes],
    claims: { openid: ['sub'], profile: ['name', 'preferred_username'] },
    responseTypes: ['code'],
    pkce: { required: () => true },
    ttl: lifetimes,
    interactions: { policy, url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      revocation: { enabled: true, allowedPolicy: async (_ctx, client, token) => token.clientId === client.clientId },
      resourceIndicators: {
        enabled: true,
        defaultResource: async (_ctx, client, oneOf) =>
          oneOf === undefined ? audiences[machines[client.clientId]?.audience ?? 'sre-assistant'] : [oneOf].flat()[0]!,
        useGrantedResource: async () => true,
        getResourceServerInfo: async (_ctx, resource) => resourceServer(resource),
      },
    },
    findAccount: (_ctx, sub) => account(people.get(sub)),
    loadExistingGrant: (ctx) => grantByRole(ctx, people),
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: true,
    expiresWithSession: async () => false,
    extraTokenClaims: async (_ctx, token) => {
      const person = 'accountId' in token ? people.get(String(token.accountId)) : undefined
      return {
        azp: token.clientId,
        tenant: person?.tenant ?? 'default',
        realm_access: { roles: person?.roles ?? [] },
        ...(person && { preferred_username: person.username, name: person.name }),
      }
    },
  }
}

/** Every sign-in asks for the password and names the client, because any program on this machine may have started it. */
const signedInJustNow = new interactionPolicy.Check(
  ...(['not_just_now', 'a sign-in is not remembered', 'login_required'] as const),
  ({ oidc }) => oidc.result?.login === undefined,
)

const machineClient = ([id, secret]: [string, string]) => ({
  client_id: id,
  client_secret: secret,
  grant_types: ['client_credentials'],
  redirect_uris: [],
  response_types: [],
  scope: machines[id]?.scopes.join(' ') ?? '',
})

const personClient = {
  client_id: consoleClient,
  application_type: 'native' as const,
  token_endpoint_auth_method: 'none' as const,
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code' as const],
  redirect_uris: loopback,
  post_logout_redirect_uris: ['http://127.0.0.1/signed-out'],
  scope: ['openid', 'offline_access', ...platformScopes].join(' '),
}

function resourceServer(resource: string) {
  const audience = audienceNamed(resource)
  if (audience === undefined) throw new errors.InvalidTarget()
  const jwt = { sign: { alg: 'RS256' as const } }
  return { audience, scope: platformScopes.join(' '), accessTokenFormat: 'jwt' as const, accessTokenTTL: 300, jwt }
}

async function account(person: Person | undefined) {
  if (person === undefined) return undefined
  const { username, name } = person
  return { accountId: username, claims: async () => ({ sub: username, preferred_username: username, name }) }
}

async function grantByRole({ oidc }: KoaContextWithOIDC, people: ReadonlyMap<string, Person>) {
  const person = people.get(oidc.session?.accountId ?? '')
  if (person === undefined || oidc.client === undefined) return undefined
  const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: person.username })
  grant.addOIDCScope('openid offline_access')
  // these scopes belong only to a resource; answering here keeps the provider from asking for consent
  grant.rejectOIDCScope(platformScopes.join(' '))
  const earned = scopesOf(person)
  for (const resource of Object.values(audiences)) {
    grant.addResourceScope(resource, earned.join(' '))
    grant.rejectResourceScope(resource, platformScopes.filter((scope) => !earned.includes(scope)).join(' '))
  }
  await grant.save()
  return grant
}
