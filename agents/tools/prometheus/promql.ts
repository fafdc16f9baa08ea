/** PromQL syntax: the only place where values and patterns are escaped. */

/** A quoted label value; LogQL quotes the same way. */
export const quoted = (value: string): string =>
  `"${value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')}"`

/** A label name as written in matchers: names with dots are quoted (Prometheus 3). */
export const labelName = (label: string): string => (/^[A-Za-z_]\w*$/.test(label) ? label : quoted(label))

/** The series of a metric, by matchers without braces. */
export function pick(metric: string, selector: string): string {
  const name = /^[A-Za-z_:][\w:]*$/.test(metric) ? metric : null
  return name === null ? `{${join(quoted(metric), selector)}}` : `${name}{${selector}}`
}

export const literal = (value: string): string => value.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')

/** A way a label may hold a service's name. */
export interface Matcher {
  label: string
  promql: string
  holds(value: string): boolean
}

export const equals = (label: string, value: string): Matcher => ({
  label,
  promql: `${labelName(label)}=${quoted(value)}`,
  holds: (found) => found === value,
})

/** Matches the literal name between the patterns `before` and `after`, anchored as in PromQL. */
export function around(label: string, before: string, value: string, after: string): Matcher {
  const pattern = `${before}${literal(value)}${after}`
  const anchored = new RegExp(`^(?:${pattern})$`)
  return { label, promql: `${labelName(label)}=~${quoted(pattern)}`, holds: (found) => anchored.test(found) }
}

export const join = (...matchers: readonly (string | null)[]): string =>
  matchers.filter((matcher) => matcher !== null && matcher !== '').join(',')
