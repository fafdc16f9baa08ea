/** A service's name at this source. Also safe for names such as `constructor`. */
export const namedIn = (names: Readonly<Record<string, string>> | undefined, service: string): string =>
  names !== undefined && Object.hasOwn(names, service) ? (names[service] ?? service) : service
