/** The name a service has at a source; a service may be called `constructor`. */
export const namedIn = (names: Readonly<Record<string, string>> | undefined, service: string): string =>
  names !== undefined && Object.hasOwn(names, service) ? (names[service] ?? service) : service
