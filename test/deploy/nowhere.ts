/** A valid configuration whose servers do not exist: a component gets as far as naming the server that is down. */
const NOBODY = '127.0.0.1:1'

export const nowhere = (environment: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [
      name,
      value.replace(/^(?=[a-z-]+[.a-z-]*:\d+$)[^/]+|(?<=\/\/|@)[a-z][a-z0-9.-]*(:\d+)?(?=\/|$)/, NOBODY),
    ]),
  )

const AWAY: Record<string, RegExp> = {
  topics: /127\.0\.0\.1:1/,
  schemas: /127\.0\.0\.1:1|ECONNREFUSED/,
}

/** What a component or a job then prints. Those that have a database report it first. */
export const awayOf = (name: string): RegExp =>
  AWAY[name] ?? /^PostgreSQL \(DATABASE_URL\) cannot be used: connect ECONNREFUSED/
