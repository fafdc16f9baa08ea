/** One HTTP call to a source, and the credentials it uses. */

export interface Credentials {
  /** called for each request, so that a token can be renewed; after a 401, called once more with the `rejected` token */
  bearer?: (rejected?: string) => Promise<string>
  basic?: { username: string; password: string }
  /** X-Scope-OrgID */
  tenant?: string
  /** X-Scope-OrgID by tenant of the request, for tenants that have their own */
  scopes?: ReadonlyMap<string, string>
}

export interface Call {
  method?: 'GET' | 'POST'
  path: string
  query?: Readonly<Record<string, string | number | undefined>>
  form?: Readonly<Record<string, string | number | undefined>>
  /** an already encoded form, for parameters that occur more than once */
  body?: string
  json?: unknown
  headers?: Readonly<Record<string, string>>
}
