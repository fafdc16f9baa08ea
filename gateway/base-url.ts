import type { FastifyRequest } from 'fastify'

/** Where the client reaches the gateway: as configured, else as it addressed this request. */
export function baseOf(
  { publicUrl }: { publicUrl: string | undefined },
  { protocol, headers }: Pick<FastifyRequest, 'protocol' | 'headers'>,
): string {
  if (publicUrl !== undefined) return publicUrl.endsWith('/') ? publicUrl.slice(0, -1) : publicUrl
  const host = headers.host ?? ''
  return `${protocol}://${/^[\w.:[\]-]+$/.test(host) ? host : 'localhost'}`
}
