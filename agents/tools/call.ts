/** One question to a source, and who asks. */

export interface Credentials {
  /** asked for each call, so that a token may be renewed; after a 401 once more with the token that was `rejected` */
  bearer?: (rejected?: string) => Promise<string>
  basic?: { username: string; password: string }
  /** X-Scope-OrgID */
  tenant?: string
  /** the same for those who ask for a tenant of its own */
  scopes?: ReadonlyMap<string, string>
}

export interface Call {
  method?: 'GET' | 'POST'
  path: string
  query?: Readonly<Record<string, string | number | undefined>>
  form?: Readonly<Record<string, string | number | undefined>>
  /** a form that is encoded already, where a name comes more than once */
  body?: string
  json?: unknown
  headers?: Readonly<Record<string, string>>
}
