/** PromQL's words: values and patterns are escaped here and nowhere else. */

/** A label value inside double quotes; LogQL quotes the same way. */
export const quoted = (value: string): string =>
  `"${value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')}"`

/** A name as it stands among matchers: what holds dots is quoted (Prometheus 3). */
export const labelName = (label: string): string => (/^[A-Za-z_]\w*$/.test(label) ? label : quoted(label))

/** The series of a metric, by matchers without braces. */
export function pick(metric: string, selector: string): string {
  const name = /^[A-Za-z_:][\w:]*$/.test(metric) ? metric : null
  return name === null ? `{${join(quoted(metric), selector)}}` : `${name}{${selector}}`
}

export const literal = (value: string): string => value.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')

/** How a label may hold a service's name. */
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

/** `before` and `after` are patterns around the name, which itself is taken literally. Anchored, as PromQL's are. */
export function around(label: string, before: string, value: string, after: string): Matcher {
  const pattern = `${before}${literal(value)}${after}`
  const anchored = new RegExp(`^(?:${pattern})$`)
  return { label, promql: `${labelName(label)}=~${quoted(pattern)}`, holds: (found) => anchored.test(found) }
}

export const join = (...matchers: readonly (string | null)[]): string =>
  matchers.filter((matcher) => matcher !== null && matcher !== '').join(',')
