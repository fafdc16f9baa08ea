/** Extracts the trace id of a W3C `traceparent`. */
const wellFormed = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/

export const traceIdOf = (traceparent: unknown): string | undefined =>
  typeof traceparent === 'string' ? wellFormed.exec(traceparent)?.[1] : undefined
