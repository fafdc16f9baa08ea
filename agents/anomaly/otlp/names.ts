/** Names that others give: of services, namespaces, metrics and units. */

/** On one line, and short enough for every index, event and view, as the gateway wants them too. OpenTelemetry allows metrics 255 characters, and units 63. */
const NAME = /^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]{1,255}$/u

export const isName = (text: string): boolean => NAME.test(text)
