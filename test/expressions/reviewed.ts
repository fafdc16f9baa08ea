/** What cannot be shown linear by itself, each read by a person. Rewrite an expression rather than add it here. */

/** What is made only when the program runs, as it is written there: why nothing from outside can make it slow. */
export const BUILT_AT_RUN_TIME: Readonly<Record<string, string>> = {
  'new RegExp(`^(?:${pattern})$`)':
    'agents/tools/prometheus/promql.ts: the value is escaped; what stands around it is written in resources.ts and locate.ts, without a group that repeats',
  "new RegExp(`^${url.replaceAll('.', '\\\\.').replace(/:\\w+/g, '[^/]+')}$`)":
    'embedded/control-plane/outside.ts: from our own routes; between two slashes `[^/]+` can end in one way only',
  "new RegExp(`^${path.replaceAll('.', '\\\\.').replace(/\\{\\w+\\}/g, '[^/]+')}$`)":
    'gateway/document.ts: from our own OpenAPI document; between two slashes `[^/]+` can end in one way only',
}

/** Of what the tool cannot read: `/source/flags`, and why it is linear. */
export const READ_BY_A_PERSON: Readonly<Record<string, string>> = {}
