/** Expressions that cannot be shown linear automatically, each reviewed by a person. Prefer rewriting an expression to adding it here. */

/** Expressions built at run time, as written in the source, and why no input can make them slow. */
export const BUILT_AT_RUN_TIME: Readonly<Record<string, string>> = {
  'new RegExp(`^(?:${pattern})$`)':
    'agents/tools/prometheus/promql.ts: the value is escaped; what stands around it is written in resources.ts and locate.ts, without a group that repeats',
  "new RegExp(`^${url.replaceAll('.', '\\\\.').replace(/:\\w+/g, '[^/]+')}$`)":
    'embedded/control-plane/outside.ts: from our own routes; between two slashes `[^/]+` can end in one way only',
  "new RegExp(`^${path.replaceAll('.', '\\\\.').replace(/\\{\\w+\\}/g, '[^/]+')}$`)":
    'gateway/document.ts: from our own OpenAPI document; between two slashes `[^/]+` can end in one way only',
}

/** Expressions the tool cannot parse, as `/source/flags`, and why they are linear. */
export const READ_BY_A_PERSON: Readonly<Record<string, string>> = {}
